"""An installed Keratin, in a prefix of its own, is found and used by pkg-config and by CMake."""

import pathlib
import tempfile
import unittest

from examples import (BUILD, EXAMPLES, SOURCE, WARNINGS, compile_with_cmake, compile_with_pkg_config,
                      multiarch, run, train)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.prefix = cls.folder / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--strip")
        cls.libdir = multiarch(cls.prefix)

    def test_headers_are_c99_and_cpp17(self):
        include = f"-I{self.prefix}/include"
        header = self.prefix / "include/keratin/keratin.h"
        run("gcc", "-std=c99", *WARNINGS, "-fsyntax-only", "-x", "c", include, header)
        for name in sorted((self.prefix / "include/keratin").iterdir()):
            run("g++", "-std=c++17", *WARNINGS, "-fsyntax-only", "-x", "c++", include, name)

    def test_pkg_config_and_cmake(self):
        by_pkg_config = self.folder / "by_pkg_config"
        compile_with_pkg_config(EXAMPLES / "train.c", by_pkg_config, self.libdir)
        by_cmake = compile_with_cmake(EXAMPLES / "train.c", self.folder / "user", self.prefix)
        first, second = train(by_pkg_config, self.libdir), train(by_cmake)
        self.assertIn("accuracy", first)
        self.assertEqual(first, second)

    def test_moved(self):
        moved = self.folder / "moved"
        run("cp", "-a", self.prefix, moved)
        program = self.folder / "against_moved"
        compile_with_pkg_config(EXAMPLES / "train.c", program, multiarch(moved))
        self.assertIn(str(moved), run(moved / "bin/keratin", "--version") and
                      run("ldd", moved / "bin/keratin"))

    def test_every_example_compiles(self):
        for source in sorted(EXAMPLES.glob("*.c")):
            compile_with_pkg_config(source, self.folder / source.stem, self.libdir)

    def test_nothing_else_is_installed(self):
        tops = sorted(p.name for p in self.prefix.iterdir())
        self.assertEqual(tops, ["bin", "include", "lib", "share"])


if __name__ == "__main__":
    unittest.main()
