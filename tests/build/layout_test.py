"""The source tree obeys layout.py, and layout.py notices when a tree does not."""

import os
import pathlib
import tempfile
import unittest

import layout

ROOT = pathlib.Path(os.environ.get("KERATIN_SOURCE", pathlib.Path(__file__).parents[2]))


class SourceTree(unittest.TestCase):
    def test_obeys(self):
        self.assertEqual(list(layout.problems(ROOT)), [])

    def test_is_seen(self):
        self.assertGreater(len(layout.sources(ROOT / "src")), 20)


class WrongTree(unittest.TestCase):
    def problems(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return list(layout.problems(folder))

    def assertWrong(self, name, text, what):
        found = self.problems(name, text)
        self.assertEqual(len(found), 1, found)
        self.assertIn(what, found[0])

    def test_upward_include(self):
        self.assertWrong("src/core/a.cpp", '#include "graph/graph.h"\n', "graph comes after it")
        self.assertWrong("src/nn/layers/a.h", '\n#  include "model/model.h"\n', "a.h:2: nn may not")
        self.assertWrong("src/io/a.cpp", '#include "capi/handle.h"\n', "capi comes after it")

    def test_nameless_include(self):
        self.assertWrong("src/core/a.cpp", '#include "error.h"\n', "does not name its folder")
        self.assertWrong("src/nn/a.cpp", '#include "../capi/handle.h"\n', "includes start at src")

    def test_public_header_inside(self):
        self.assertWrong("src/core/a.cpp", "#include <keratin/keratin.h>\n", "only capi")

    def test_unknown_folder(self):
        self.assertWrong("src/util/a.cpp", "", "not in the order")

    def test_public_header_leaks(self):
        self.assertWrong("include/keratin/a.h", "#include <nlohmann/json.hpp>\n", "public header")
        self.assertWrong("include/keratin/a.h", '#include "core/error.h"\n', "public header")

    def test_binding_reaches_inside(self):
        self.assertWrong("bindings/cli/a.cpp", '#include "core/error.h"\n', "a binding includes")
        self.assertWrong("bindings/c/a.c", '#include "../../src/core/error.h"\n', "a binding")

    def test_top(self):
        self.assertWrong("notes/a.txt", "", "not one of the repository's top entries")

    def test_good(self):
        for name, text in (
            ("src/nn/a.cpp", '#include <vector>\n#include "core/error.h"\n#include "nn/b.h"\n'),
            ("capi/a.cpp", '#include "capi/b.h"\n#include <keratin/keratin.h>\n'),
            ("bindings/cli/a.cpp", "#include <keratin/keratin.h>\n#include <CLI/CLI.hpp>\n"),
            (".ci/run", ""),
        ):
            self.assertEqual(self.problems(name, text), [])


if __name__ == "__main__":
    unittest.main()
