"""The library's ABI is the recorded one. After adding to the ABI, record it anew:

    KERATIN_LIBRARY=build/libkeratin.so KERATIN_SOURCE=. python3 tests/build/abi_test.py --record

What abidiff calls incompatible takes a new SONAME instead.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

LIBRARY = os.environ["KERATIN_LIBRARY"]
SOURCE = pathlib.Path(os.environ["KERATIN_SOURCE"])
RECORD = SOURCE / "tests/abi/keratin.abi"


def write_abi(path):
    options = ["--exported-interfaces-only", "--drop-private-types", "--no-show-locs", "--no-corpus-path",
               "--no-comp-dir-path", "--no-elf-needed", "--type-id-style", "hash"]
    subprocess.run(["abidw", *options, "--headers-dir", SOURCE / "include", "--out-file", path, LIBRARY],
                   check=True)
    path.write_text(path.read_text().replace(f"{SOURCE.resolve()}/", ""))


def compare(old, new):
    """abidiff's exit code (0: same) and report."""
    done = subprocess.run(["abidiff", old, new], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Abi(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.now = pathlib.Path(folder.name, "now.abi")
        write_abi(self.now)

    def test_is_the_recorded_one(self):
        code, report = compare(RECORD, self.now)
        self.assertEqual(code, 0, report + __doc__)

    def test_a_change_is_seen(self):
        text = RECORD.read_text()
        for old, new in (("'kt_version", "'kt_verso"), ("type-decl name='double' size-in-bits='64'",
                                                       "type-decl name='double' size-in-bits='32'")):
            self.assertTrue(old in text, old)
            changed = self.now.with_name("changed.abi")
            changed.write_text(text.replace(old, new))
            self.assertNotEqual(compare(changed, self.now)[0], 0, old)


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        RECORD.parent.mkdir(exist_ok=True)
        write_abi(RECORD)
    else:
        unittest.main()
