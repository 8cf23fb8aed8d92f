"""keratin_conformance passes the project's own cases, and fails where one number of a case is changed.

KERATIN_CONFORMANCE and KERATIN_SOURCE name the program and the sources.
"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["KERATIN_CONFORMANCE"]
CASES = pathlib.Path(os.environ["KERATIN_SOURCE"], "tests/data/conformance")


def play(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout


def arrays_of(path):
    """Where each array of a safetensors file begins."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    return {name: 8 + size + array["data_offsets"][0] for name, array in json.loads(data[8:8 + size]).items()
            if name != "__metadata__"}


class Conformance(unittest.TestCase):
    def test_own_cases_pass(self):
        code, shown = play(CASES)
        self.assertEqual(code, 0, "\n".join(line for line in shown.splitlines() if line.startswith("FAIL")))
        count = len(list(CASES.rglob("case.json")))
        self.assertGreater(count, 100)
        self.assertTrue(shown.endswith(f"{count} passed, 0 failed\n"), shown[-200:])

    def change(self, array, by):
        with tempfile.TemporaryDirectory() as folder:
            case = pathlib.Path(folder, "area/name")
            shutil.copytree(CASES / "optimizers/Adam_3", case)
            data = case / "data.safetensors"
            at = arrays_of(data)[array]
            content = bytearray(data.read_bytes())
            value = struct.unpack_from("<f", content, at)[0]
            struct.pack_into("<f", content, at, value + by)
            data.write_bytes(content)
            return play(folder)

    def test_a_changed_number_fails(self):
        for array in ("predict0", "after/000", "after/003", "history/loss", "predict_after0", "evaluate"):
            with self.subTest(array):
                code, shown = self.change(array, 0.01)
                self.assertEqual(code, 1)
                self.assertIn(f"FAIL area/name: {array}", shown)
                self.assertIn("0 passed, 1 failed\n", shown)
        self.assertEqual(self.change("predict0", 0.0)[0], 0)

    def test_an_unknown_class_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            case = pathlib.Path(folder, "area/name")
            shutil.copytree(CASES / "optimizers/Adam_3", case)
            model = case / "model.keras"
            model.write_bytes(model.read_bytes().replace(b'"Dense"', b'"Dance"'))
            code, shown = play(folder)
            self.assertEqual(code, 1)
            self.assertIn("FAIL area/name", shown)

    def test_arguments(self):
        self.assertEqual(play()[0], 2)
        self.assertEqual(play("/nowhere")[0], 2)
        self.assertEqual(play(CASES, "no such case")[0], 1)
        self.assertIn("PASS optimizers/SGD_0", play(CASES, "SGD_0")[1])


if __name__ == "__main__":
    unittest.main()
