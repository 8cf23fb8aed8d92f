"""The Debian packages: what they hold and ask for, and, as root, a program built against them installed."""

import os
import pathlib
import shutil
import tempfile
import unittest

from examples import BUILD, EXAMPLES, compile_with_cmake, compile_with_pkg_config, run, train

NAMES = ["keratin", "libkeratin-dev", "libkeratin0"]


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = BUILD / "packages"
        shutil.rmtree(folder, ignore_errors=True)
        run("cpack", cwd=BUILD)
        cls.files = {p.name.split("_")[0]: p for p in sorted(folder.glob("*.deb"))}

    def field(self, package, name):
        return run("dpkg-deb", "--field", self.files[package], name)

    def contents(self, package):
        return [line.split()[5] for line in run("dpkg-deb", "--contents", self.files[package]).splitlines()]

    def test_names(self):
        self.assertEqual(sorted(self.files), NAMES)

    def test_dependencies(self):
        for needed in ("libc6", "libstdc++6", "libopenblas0-serial", "libzip4"):
            self.assertIn(needed, self.field("libkeratin0", "Depends"))
        self.assertIn("libkeratin0 (=", self.field("libkeratin-dev", "Depends"))
        self.assertIn("libkeratin0 (=", self.field("keratin", "Depends"))

    def test_contents(self):
        library = self.contents("libkeratin0")
        self.assertTrue(any(name.endswith("/libkeratin.so.0") for name in library), library)
        self.assertFalse(any(name.endswith((".h", "/libkeratin.so", ".pc")) for name in library))
        development = self.contents("libkeratin-dev")
        for ending in ("/libkeratin.so", "/keratin.h", "/keratin.pc", "/KeratinConfig.cmake"):
            self.assertTrue(any(name.endswith(ending) for name in development), ending)
        self.assertIn("./usr/bin/keratin", self.contents("keratin"))

    @unittest.skipUnless(os.geteuid() == 0, "installing packages needs root")
    def test_installed(self):
        self.addCleanup(run, "dpkg", "--remove", *NAMES)
        run("dpkg", "--install", *self.files.values())
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "example")
            compile_with_pkg_config(EXAMPLES / "train.c", program)
            by_cmake = compile_with_cmake(EXAMPLES / "train.c", pathlib.Path(folder, "user"))
            self.assertRegex(run("ldd", program), r"libkeratin.so.0 => (/usr)?/lib/")
            self.assertEqual(train(program), train(by_cmake))
            run("/usr/bin/keratin", "layers")


if __name__ == "__main__":
    unittest.main()
