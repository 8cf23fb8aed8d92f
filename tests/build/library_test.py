"""The built library shows the C ABI and nothing else, needs what it says, and starts nothing by itself.

KERATIN_LIBRARY and KERATIN_SOURCE name the library and the source tree.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

LIBRARY = os.environ["KERATIN_LIBRARY"]
HEADER = pathlib.Path(os.environ["KERATIN_SOURCE"], "include/keratin/keratin.h")
MAY_NEED = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
            "libzip.so.4", "libhwy.so.1", "libpng16.so.16", "libturbojpeg.so.0"}
STRIPPED_LIMIT = 5_000_000


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported():
    """(type, name without version) of each dynamic symbol that the library defines."""
    for line in run("nm", "-D", "--defined-only", LIBRARY).splitlines():
        kind, name = line.split()[-2:]
        yield kind, name


class Exports(unittest.TestCase):
    def test_only_the_abi(self):
        others = [n for _, n in exported() if not re.fullmatch(r"kt_\w+@@KERATIN_\d+|KERATIN_\d+", n)]
        self.assertEqual(others, [])

    def test_all_of_the_header(self):
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", HEADER.read_text(), flags=re.DOTALL)
        declared = set(re.findall(r"\bKT_API\b[^;{]*?\b(kt_\w+)\s*\(", text))
        self.assertGreater(len(declared), 20)
        defined = {n.split("@")[0] for k, n in exported() if k == "T"}
        self.assertEqual(declared, defined)


class Object(unittest.TestCase):
    def test_soname(self):
        self.assertIn("[libkeratin.so.0]", run("readelf", "-d", LIBRARY))

    def test_needs_no_more_than_listed(self):
        needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", LIBRARY)))
        self.assertIn("libc.so.6", needed)
        self.assertLessEqual(needed, MAY_NEED)

    def test_no_rpath_and_no_executable_stack(self):
        self.assertNotRegex(run("readelf", "-d", LIBRARY), r"\((RPATH|TEXTREL)\)")
        self.assertRegex(run("readelf", "-lW", LIBRARY), r"GNU_STACK.* RW ")

    def test_no_static_constructors(self):
        symbols = run("nm", "-C", LIBRARY)
        self.assertIn("keratin::", symbols, "needs a library that is not stripped")
        self.assertEqual(re.findall(r".*\b_GLOBAL__sub_I\S*.*", symbols), [])

    def test_stripped_size(self):
        with tempfile.TemporaryDirectory() as folder:
            stripped = os.path.join(folder, "libkeratin.so")
            run("strip", "-o", stripped, LIBRARY)
            size = os.path.getsize(stripped)
        print(f"stripped: {size} bytes")
        self.assertLess(size, STRIPPED_LIMIT)


if __name__ == "__main__":
    unittest.main()
