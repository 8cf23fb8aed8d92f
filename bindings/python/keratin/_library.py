"""The shared library: found, loaded, its functions bound as the header declares them.

`lib.kt_...` are the functions; those that return a kt_error* raise it as an exception. Calls release
the GIL. KERATIN_LIBRARY names another library than the one that comes with the package or system.
"""

import ctypes
import json
import os
import pathlib

from ._errors import raise_error
from ._header import Header

HERE = pathlib.Path(__file__).resolve().parent
SONAME = "libkeratin.so.0"


def read_header():
    for path in (HERE / "keratin.h", HERE.parents[2] / "include/keratin/keratin.h"):
        if path.exists():
            return Header(path.read_text(encoding="utf-8"))
    raise ImportError(f"{HERE}: keratin.h is missing from the package")


def load():
    given = os.environ.get("KERATIN_LIBRARY")
    carried = HERE / SONAME
    path = given or (str(carried) if carried.exists() else SONAME)
    try:
        return ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(f"{path}: cannot be loaded: {error}. Install libkeratin, or name the "
                          "library in KERATIN_LIBRARY.") from error


class Library:
    def __init__(self):
        self._header = read_header()
        self._library = load()

    def __getattr__(self, name):
        if name in self._header.structs:
            value = self._header.structs[name]
        elif name in self._header.constants:
            value = self._header.constants[name]
        elif name in self._header.functions:
            value = self._bind(name)
        else:
            raise AttributeError(f"keratin.h declares no {name}")
        setattr(self, name, value)
        return value

    def _bind(self, name):
        function = getattr(self._library, name)
        function.restype, function.argtypes, is_error = self._header.functions[name]
        if is_error:
            function.errcheck = self._check
        return function

    def _check(self, error, function, arguments):
        if error:
            try:
                code, message = self.kt_error_code(error), self.kt_error_message(error).decode()
            finally:
                self.kt_error_free(error)
            raise_error(code, message)

    def constants(self, prefix):
        """{name without prefix: value}."""
        return {name[len(prefix):]: value for name, value in self._header.constants.items()
                if name.startswith(prefix)}


lib = Library()


class Handle:
    """Owns a handle of the library; passes for it in calls."""

    __slots__ = ("_as_parameter_", "_free", "__weakref__")

    def __init__(self, pointer, free):
        self._as_parameter_ = pointer
        self._free = free

    def let_go(self):
        """Leaves the handle to whoever took it over."""
        self._as_parameter_ = None

    def __del__(self):
        self._free(self._as_parameter_)


def out(function, *arguments):
    """The address that a function gives back through its last argument."""
    result = ctypes.c_void_p()
    function(*arguments, ctypes.byref(result))
    return result.value


def number(type_, function, *arguments):
    result = type_()
    function(*arguments, ctypes.byref(result))
    return result.value


def text(function, *arguments):
    """A char** result."""
    pointer = out(function, *arguments)
    try:
        return ctypes.string_at(pointer).decode()
    finally:
        lib.kt_string_free(pointer)


def parsed(function, *arguments):
    """A char** result that is JSON."""
    return json.loads(text(function, *arguments))


def encoded(value):
    """Text, or None, for a const char*."""
    return None if value is None else str(value).encode()


def handles(objects):
    """An array of the handles; the objects must be kept."""
    return (ctypes.c_void_p * len(objects))(*[o._as_parameter_ for o in objects])
