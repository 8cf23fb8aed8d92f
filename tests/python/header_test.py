"""The binding's reader of keratin.h: all of the header, and what it does not know."""

import ctypes
import importlib.util
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["KERATIN_SOURCE"])
TEXT = (SOURCE / "include/keratin/keratin.h").read_text(encoding="utf-8")

spec = importlib.util.spec_from_file_location("header", SOURCE / "bindings/python/keratin/_header.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


class Header(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.header = module.Header(TEXT)

    def test_every_function(self):
        text = re.sub(r"/\*.*?\*/", "", TEXT, flags=re.S)
        declared = set(re.findall(r"\bKT_API\b[^;{]*?\b(kt_\w+)\s*\(", text))
        self.assertEqual(declared, set(self.header.functions))
        self.assertGreater(len(declared), 80)

    def test_structs_are_the_compilers(self):
        """Size, offsets and the initializer's values are those that a C compiler gives."""
        self.assertGreaterEqual(len(self.header.structs), 8)
        lines = ["#include <keratin/keratin.h>", "#include <stdio.h>", "int main(void) {"]
        for name, struct in self.header.structs.items():
            lines.append(f"  {{ {name} v = {name.upper()}_INIT;")
            lines.append(f'    printf("{name} %zu %zu\\n", sizeof v, v.struct_size);')
            for field, type_ in struct._fields_:
                lines.append(f'    printf("{name}.{field} %zu", offsetof({name}, {field}));')
                plain = issubclass(type_, (ctypes.c_int, ctypes.c_int64, ctypes.c_size_t,
                                           ctypes.c_double))
                value = f"(double)v.{field}" if plain else f"(double)(v.{field} != NULL)"
                lines.append(f'    printf(" %.17g\\n", {value});')
            lines.append("  }")
        lines.append("  return 0;\n}")
        with tempfile.TemporaryDirectory() as folder:
            source, program = pathlib.Path(folder, "a.c"), pathlib.Path(folder, "a")
            source.write_text("\n".join(lines))
            subprocess.run(["cc", f"-I{SOURCE}/include", source, "-o", program], check=True)
            printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
        expected = []
        for name, struct in self.header.structs.items():
            v = struct()
            expected.append(f"{name} {ctypes.sizeof(struct)} {v.struct_size}")
            for field, _ in struct._fields_:
                value = getattr(v, field)
                value = float(value) if isinstance(value, (int, float)) else float(bool(value))
                expected.append(f"{name}.{field} {getattr(struct, field).offset} {value:.17g}")
        self.assertEqual(printed.splitlines(), expected)

    def test_unknown_types_are_errors(self):
        with self.assertRaisesRegex(ValueError, "long double"):
            module.Header("KT_API kt_error* kt_new(long double x);")

    def test_function_types(self):
        header = module.Header("typedef int (*kt_f)(void* context, const char* text);\n"
                               "KT_API void kt_g(kt_f f, void (*h)(void*), double x);")
        result, arguments, is_error = header.functions["kt_g"]
        self.assertEqual((result, is_error), (None, False))
        self.assertEqual(arguments, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_double])


if __name__ == "__main__":
    unittest.main()
