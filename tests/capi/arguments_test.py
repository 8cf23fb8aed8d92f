"""Every exported function survives NULL handles and bad arguments with an error.

The calls are made from keratin.h itself: each declared function is called with NULL and 0 for everything, then with
good arguments but one: that one NULL, or of a senseless value. KERATIN_LIBRARY and KERATIN_SOURCE name library and
sources. A crash ends the test; what was being called is printed then.
"""

import ctypes
import faulthandler
import itertools
import os
import pathlib
import re
import sys
import tempfile
import unittest

HEADER = pathlib.Path(os.environ["KERATIN_SOURCE"], "include/keratin/keratin.h")
CSV = pathlib.Path(os.environ["KERATIN_SOURCE"], "bindings/data/breast_cancer.csv").resolve()
LIBRARY = ctypes.CDLL(os.environ["KERATIN_LIBRARY"])
TEXT = re.sub(r"/\*.*?\*/|//[^\n]*", "", HEADER.read_text(), flags=re.DOTALL)
PROTOTYPE = re.compile(r"\bKT_API\s+([^;{]*?)\b(kt_\w+)\s*\(([^;{]*)\)\s*;", re.DOTALL)
SIMPLE = {"int": ctypes.c_int, "kt_code": ctypes.c_int, "kt_dtype": ctypes.c_int, "double": ctypes.c_double,
          "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64, "size_t": ctypes.c_size_t}
# What its comment says may be NULL.
OPTIONAL = {"config", "form", "options", "history", "name", "attributes", "class_weight", "release", "context", "sizes",
            "n_values", "size", "message", "compile", "shapes", "ranks", "layer_names"}
# Not called with good handles: these would free or take over what later calls use.
GIVES_UP = re.compile(r"kt_\w+_free$|kt_tensor_from_dlpack$|kt_register_\w+$|kt_set_num_threads$")


def split(parameters):
    """Splits at commas outside of parentheses."""
    depth, part, parts = 0, "", []
    for c in parameters:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += c
    return [p.strip() for p in [*parts, part] if p.strip() not in ("", "void")]


class Parameter:
    def __init__(self, text):
        self.is_function = "(*" in text
        match = re.search(r"\(\*(\w+)\)", text) if self.is_function else re.search(r"(\w+)\s*(?:\[\])?$", text)
        self.name = match[1]
        self.type = re.sub(r"\s+", " ", text[:match.start()]).strip() if not self.is_function else "function"
        self.is_pointer = self.is_function or "*" in self.type
        self.c_type = ctypes.c_void_p if self.is_pointer else SIMPLE[self.type.replace("const", "").strip()]


class Function:
    def __init__(self, result, name, parameters):
        self.name = name
        self.result = re.sub(r"\s+", " ", result).strip()
        self.parameters = [Parameter(p) for p in split(parameters)]
        self.fn = LIBRARY[name]
        self.fn.argtypes = [p.c_type for p in self.parameters]
        self.fails = self.result == "kt_error*" and name != "kt_error_create"  # which makes one
        self.fn.restype = ctypes.c_void_p if "*" in self.result else SIMPLE.get(self.result)

    def __call__(self, arguments):
        """The error's code and message; (0, "") for success; None for a function that cannot fail."""
        print(self.name, arguments, file=sys.stderr, flush=True)
        result = self.fn(*arguments)
        if not self.fails:
            return None
        if not result:
            return 0, ""
        found = CODE(result), MESSAGE(result).decode()
        FREE_ERROR(result)
        return found


CODE, MESSAGE, FREE_ERROR = LIBRARY.kt_error_code, LIBRARY.kt_error_message, LIBRARY.kt_error_free
CODE.argtypes = MESSAGE.argtypes = FREE_ERROR.argtypes = [ctypes.c_void_p]
MESSAGE.restype = ctypes.c_char_p
FUNCTIONS = {m[2]: Function(*m.groups()) for m in PROTOTYPE.finditer(TEXT)}


def made(name, *arguments):
    """Calls a function with a place for its result, and returns that."""
    out = ctypes.c_void_p()
    code, message = FUNCTIONS[name]([*arguments, ctypes.addressof(out)])
    assert code == 0, message
    return out.value


class Good:
    """A good value for each parameter, by its type and name."""

    def __init__(self):
        self.kept = []
        self.shape = self.keep((ctypes.c_int64 * 2)(4, 3))
        floats = self.keep((ctypes.c_float * 12)(*range(12)))
        self.tensor = made("kt_tensor_over", floats, 1, self.shape, 2, None, None)
        targets = self.keep((ctypes.c_float * 4)(0, 1, 0, 1))
        self.target = made("kt_tensor_over", targets, 1, self.keep((ctypes.c_int64 * 2)(4, 1)), 2, None, None)
        self.layer = made("kt_layer_create", self.text("Dense"), self.text('{"units": 1}'))
        three = self.keep((ctypes.c_int64 * 1)(3))
        self.symbolic = made("kt_input", three, 1, 1, None)
        outputs = (ctypes.c_void_p * 1)()
        code, message = FUNCTIONS["kt_layer_call"]([self.layer, self.list(self.symbolic), 1, -1, self.keep(outputs), 1])
        assert code == 0, message
        self.model = made("kt_model_create", self.list(self.symbolic), 1, self.list(outputs[0]), 1, None)
        FUNCTIONS["kt_model_compile"]([self.model, self.text('{"optimizer": "sgd", "loss": "mse"}')])
        self.handles = {
            "kt_tensor*": self.tensor, "kt_layer*": self.layer, "kt_symbolic*": self.symbolic, "kt_model*": self.model,
            "kt_error*": FUNCTIONS["kt_error_create"].fn(3, b"an error"),
            "kt_callback*": made("kt_callback_create", self.text("TerminateOnNaN"), None),
            "kt_csv*": made("kt_csv_read", self.text(str(CSV))),
            "kt_history*": made("kt_model_fit", self.model, self.data(), None),
            "kt_predictor*": made("kt_predictor_create", self.model, 4, None, None, 0),
            "kt_logs*": made("kt_model_evaluate", self.model, self.data(), None),
            "kt_loop*": None, "kt_scope*": None,  # good within the caller's own functions only
            "structDLManagedTensor*": None,
        }

    def keep(self, thing):
        self.kept.append(thing)
        return ctypes.addressof(thing)

    def text(self, string):
        return self.keep(ctypes.create_string_buffer(string.encode()))

    def list(self, *handles):
        return self.keep((ctypes.c_void_p * len(handles))(*handles))

    def data(self):
        return self.keep((ctypes.c_size_t * 7)(56, self.list(self.tensor), 1, self.list(self.target), 1, 0, 0))

    def of(self, parameter):
        kind = parameter.type.replace("const", "").replace(" ", "")
        if kind in self.handles:
            return self.handles[kind]
        if kind.removesuffix("*") in self.handles and parameter.type.endswith("const*"):
            return self.list(self.handles[kind.removesuffix("*")])
        if kind == "kt_data*":
            return self.data()
        if kind == "char*":
            texts = {"class_name": "Dense", "kind": "layers", "path": "/nowhere/at/all.keras", "json": "{}"}
            return self.text(texts.get(parameter.name, "{}"))
        if kind == "char**":
            return self.keep((ctypes.c_void_p * 4)(*[self.text("x")] * 4))
        if kind == "int64_t*":
            return self.shape
        if parameter.is_function:
            return None
        if parameter.is_pointer:
            return self.keep((ctypes.c_void_p * 64)())
        return parameter.c_type(1).value


class Arguments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        faulthandler.enable()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        os.chdir(folder.name)  # some texts are names of files
        cls.good = Good()

    def test_every_function_is_found(self):
        declared = set(re.findall(r"\b(kt_\w+)\s*\(", TEXT)) - set(re.findall(r"\(\*\s*(kt_\w+)\)\s*\(", TEXT))
        self.assertEqual(declared, set(FUNCTIONS))
        self.assertGreater(len(FUNCTIONS), 100)

    def test_null_for_everything(self):
        called = 0
        for function in FUNCTIONS.values():
            found = function([None if p.is_pointer else p.c_type(0).value for p in function.parameters])
            called += 1
            if function.fails and any(p.is_pointer and p.name not in OPTIONAL for p in function.parameters):
                self.assertIsNotNone(found)
                self.assertGreater(found[0], 0, function.name)
                self.assertTrue(found[1], function.name)
        self.assertEqual(called, len(FUNCTIONS))

    def test_one_null_among_good_arguments(self):
        called = 0
        for function in FUNCTIONS.values():
            if GIVES_UP.search(function.name):
                continue
            for i, parameter in enumerate(function.parameters):
                if not parameter.is_pointer:
                    continue
                arguments = [self.good.of(p) for p in function.parameters]
                arguments[i] = None
                found = function(arguments)
                called += 1
                if function.fails and parameter.name not in OPTIONAL and not self.is_empty_list(function, i):
                    self.assertGreater(found[0], 0, f"{function.name}: NULL for {parameter.name}")
                    self.assertTrue(found[1])
        self.assertGreater(called, 100)

    @staticmethod
    def is_empty_list(function, i):
        """A list whose length is not given as such; strings that are JSON."""
        return function.parameters[i].name in ("json",) and function.name.endswith("_config")

    def test_senseless_numbers(self):
        values = {ctypes.c_int: (-7, 99, 2**31 - 1), ctypes.c_double: (-1.0, float("nan"), float("inf")),
                  ctypes.c_int64: (-5, -2**63, 2**63 - 1), ctypes.c_uint64: (2**64 - 1,)}
        called = 0
        for function in FUNCTIONS.values():
            if GIVES_UP.search(function.name):
                continue
            for i, parameter in enumerate(function.parameters):
                for value in values.get(parameter.c_type, ()) if not parameter.is_pointer else ():
                    arguments = [self.good.of(p) for p in function.parameters]
                    arguments[i] = value
                    found = function(arguments)
                    called += 1
                    if found and found[0]:
                        self.assertTrue(found[1])
        self.assertGreater(called, 30)

    def test_senseless_text(self):
        texts = [b"", b"{", b"[" * 5000, b'{"units": -1}', b"\xff\xfe\xfa", b"null", b"x" * 100000, b'{"a": 1e999}']
        called = 0
        for function in FUNCTIONS.values():
            if GIVES_UP.search(function.name):
                continue
            for i, parameter in enumerate(function.parameters):
                if parameter.type.replace("const", "").replace(" ", "") != "char*":
                    continue
                for text in texts:
                    arguments = [self.good.of(p) for p in function.parameters]
                    arguments[i] = self.good.keep(ctypes.create_string_buffer(text))
                    found = function(arguments)
                    called += 1
                    if found and found[0]:
                        self.assertTrue(found[1])
        self.assertGreater(called, 150)

    def test_senseless_shapes(self):
        for extents in itertools.product((-3, -1, 0, 2**40, 2**62), repeat=2):
            shape = self.good.keep((ctypes.c_int64 * 2)(*extents))
            for name, arguments in (
                ("kt_tensor_create", [1, shape, 2]),
                ("kt_tensor_over", [self.good.tensor, 1, shape, 2, None, None]),
                ("kt_input", [shape, 2, 1, None]),
                ("kt_model_build", [self.good.model, shape, 2]),
            ):
                out = ctypes.c_void_p()
                if name != "kt_model_build":
                    arguments = [*arguments, ctypes.addressof(out)]
                code, message = FUNCTIONS[name](arguments)
                if code:
                    self.assertTrue(message)
                    self.assertIsNone(out.value)
                elif min(extents) < 0 and name.startswith("kt_tensor"):
                    self.fail(f"{name} took {extents}")

    def test_wrong_struct_size(self):
        for name, index in (("kt_model_fit", 2), ("kt_model_evaluate", 2), ("kt_model_predict", 3)):
            function = FUNCTIONS[name]
            for size in (0, 1, 2**40):
                arguments = [self.good.of(p) for p in function.parameters]
                arguments[index] = self.good.keep((ctypes.c_size_t * 64)(size))
                code, message = function(arguments)
                self.assertGreater(code, 0, f"{name}: struct_size {size}")
                self.assertRegex(message, "struct_size|newer version")


if __name__ == "__main__":
    unittest.main(buffer=False)
