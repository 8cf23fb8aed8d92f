"""The wheel: built by pip in a fresh environment, installed, and used as its README says."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

SOURCE = pathlib.Path(os.environ["KERATIN_SOURCE"])
LIBRARY = os.environ["KERATIN_LIBRARY"]


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise AssertionError(f"{command}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        # setuptools leaves files beside the sources: they are built from a copy of the tree.
        tree = cls.folder / "tree"
        for part in ("bindings", "include"):
            shutil.copytree(SOURCE / part, tree / part)
        run(sys.executable, "-m", "venv", cls.folder / "venv")
        cls.python = cls.folder / "venv/bin/python"
        env = {**os.environ, "KERATIN_LIBRARY": LIBRARY}
        run(cls.python, "-m", "pip", "wheel", "--no-deps", "-w", cls.folder, tree / "bindings/python",
            env=env)
        cls.wheel, = cls.folder.glob("*.whl")
        run(cls.python, "-m", "pip", "install", cls.wheel)
        shutil.rmtree(tree)

    def env(self):
        return {k: v for k, v in os.environ.items() if not k.startswith(("KERATIN", "PYTHON"))}

    def test_contents(self):
        self.assertRegex(self.wheel.name, r"^keratin-.*-py3-none-linux_")
        names = zipfile.ZipFile(self.wheel).namelist()
        for name in ("keratin/keratin.h", "keratin/libkeratin.so.0", "keratin/optimizers/schedules.py"):
            self.assertIn(name, names)
        self.assertLess(self.wheel.stat().st_size, 5_000_000)

    def test_readme_example(self):
        text = (SOURCE / "bindings/python/README.md").read_text()
        example, loss, layer = re.findall(r"```python\n(.*?)```", text, re.S)
        work = self.folder / "work"
        shutil.copytree(SOURCE / "bindings/data", work / "bindings/data")
        script = work / "example.py"
        use = "\nmodel.fit(x, y, verbose=0)\nkeras.Sequential([keras.Input((8,)), Scale()]).summary()\n"
        script.write_text(example + loss + layer + use)
        printed = run(self.python, script, cwd=work, env=self.env())
        accuracy = float(re.search(r"^accuracy: (.*), weights: [0-9a-f]{16}$", printed, re.M)[1])
        self.assertGreater(accuracy, 0.85)
        self.assertIn("Epoch 30/30", printed)
        self.assertIn("Scale", printed)

    def test_a_library_that_is_not_there(self):
        code = "import keratin"
        env = {**self.env(), "KERATIN_LIBRARY": "/missing/libkeratin.so"}
        done = subprocess.run([self.python, "-c", code], capture_output=True, text=True, env=env)
        self.assertIn("ImportError: /missing/libkeratin.so", done.stderr)

    def test_silent_import(self):
        self.assertEqual(run(self.python, "-c", "import keratin", cwd="/", env=self.env()), "")


if __name__ == "__main__":
    unittest.main()
