"""Reads keratin.h: constants, structs, function types and prototypes, as ctypes knows them.

The header is the one place where the ABI is written down. It is plain C99 in one fixed style, so
that a few patterns read it; what they do not know is an error, never a guess.
"""

import ctypes
import re

SCALARS = {
    "int": ctypes.c_int,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "uint8_t": ctypes.c_uint8,
    "size_t": ctypes.c_size_t,
    "double": ctypes.c_double,
    "float": ctypes.c_float,
}
FUNCTION = re.compile(r"^(?P<result>.*?)\(\s*\*\s*(?P<name>\w*)\s*\)\s*\((?P<parameters>.*)\)$", re.S)


def split(text):
    """At commas outside of parentheses."""
    parts, depth = [""], 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts if part.strip()]


class Header:
    """constants: by name; functions: (result, argument types, whether the result is an error) by
    name; structs: classes of ctypes whose new objects hold the values of their initializer."""

    def __init__(self, text):
        text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S).replace("\\\n", " ")
        self.types = dict(SCALARS)
        self.constants, self.structs, self.functions = {}, {}, {}
        initializers = {}
        for name, value in re.findall(r"^#define (KT_\w+)[ \t]+(.+)$", text, re.M):
            if re.fullmatch(r"\(?-?\d+\)?", value.strip()):
                self.constants[name] = int(value.strip(" ()"))
            elif value.strip().startswith("{"):
                initializers[name] = value.strip(" {}")
        text = re.sub(r"^#.*$", "", text, flags=re.M)
        for body in re.findall(r"\benum\s*\{(.*?)\}", text, re.S):
            for name, value in re.findall(r"(\w+)\s*=\s*(-?\d+)", body):
                self.constants[name] = int(value)
        for alias in re.findall(r"typedef int (\w+);", text):
            self.types[alias] = ctypes.c_int
        for declaration in re.findall(r"typedef ([^;{}]*?\(\*\w+\)[^;]*);", text):
            name, self.types[name] = self.member(declaration)
        for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", text, re.S):
            self.structs[name] = self.struct(name, body, initializers)
        for result, name, parameters in re.findall(
                r"\bKT_API\b([\w\s*]+?)\b(kt_\w+)\s*\(([^;]*)\);", text):
            self.functions[name] = (self.type(result), self.parameters(parameters),
                                    result.split() == ["kt_error*"] and name != "kt_error_create")

    def type(self, text):
        """Strings are bytes, other pointers addresses."""
        words = text.replace("*", " * ").split()
        if "*" in words:
            return ctypes.c_char_p if words == ["const", "char", "*"] else ctypes.c_void_p
        words = [word for word in words if word != "const"]
        if words == ["void"]:
            return None
        if len(words) == 1 and words[0] in self.types:
            return self.types[words[0]]
        raise ValueError(f"keratin.h: unknown type '{text.strip()}'")

    def member(self, declaration):
        """(name, type) of a parameter or member."""
        function = FUNCTION.match(declaration.strip())
        if function:
            return function["name"], ctypes.CFUNCTYPE(self.type(function["result"]),
                                                      *self.parameters(function["parameters"]))
        named = re.fullmatch(r"(.*[\s*])(\w+)", declaration.strip(), re.S)
        return (named[2], self.type(named[1])) if named else ("", self.type(declaration))

    def parameters(self, text):
        if text.strip() == "void":
            return []
        types = [self.member(parameter)[1] for parameter in split(text)]
        # NULL and any function of ctypes do for an address.
        return [ctypes.c_void_p if issubclass(t, ctypes._CFuncPtr) else t for t in types]

    def struct(self, name, body, initializers):
        fields = []
        for declaration in filter(None, map(str.strip, body.split(";"))):
            first, *others = split(declaration)
            field, type_ = self.member(first)
            fields += [(field, type_)] + [(other, type_) for other in others]
        given = split(initializers.get(name.upper() + "_INIT", ""))
        values = {field: float(value) if "." in value else int(value)
                  for (field, _), value in zip(fields, given)
                  if not value.startswith("sizeof") and value not in ("NULL", "0")}

        def __init__(self, **given):
            ctypes.Structure.__init__(self, **{**values, **given})
            self.struct_size = ctypes.sizeof(self)

        return type(name, (ctypes.Structure,), {"_fields_": fields, "__init__": __init__})
