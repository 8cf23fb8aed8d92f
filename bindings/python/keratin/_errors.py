"""The library's errors as exceptions: each is a KeratinError and what Python calls its like.

What a function of Python raises travels through the library as an error and comes out as the
exception that it was.
"""

import functools
import threading


class KeratinError(Exception):
    """`code`: one of the header's KT_ERROR_... numbers."""

    code = 0


class InvalidArgumentError(KeratinError, ValueError):
    code = 1


class NotFoundError(KeratinError, ValueError):
    """No such file, class, layer, ...; Keras raises ValueError for these."""

    code = 2


class UnsupportedError(KeratinError, NotImplementedError):
    code = 3


class FileError(KeratinError, OSError):
    code = 4


class CorruptError(KeratinError, ValueError):
    code = 5


class StateError(KeratinError, RuntimeError):
    code = 6


class OutOfMemoryError(KeratinError, MemoryError):
    code = 7


class CallbackError(KeratinError, RuntimeError):
    code = 8


class InternalError(KeratinError, RuntimeError):
    code = 9


BY_CODE = {error.code: error for error in KeratinError.__subclasses__()}

# The library calls functions in the thread that called it, so what they raised waits there.
_waiting = threading.local()


def raise_error(code, message):
    exception, text = getattr(_waiting, "raised", (None, ""))
    _waiting.raised = None, ""
    if code == CallbackError.code and exception is not None and text in message:
        raise exception
    raise BY_CODE.get(code, InternalError)(message)


def guarded(function):
    """For functions that return a kt_error*: NULL, or one that stands for what was raised."""

    @functools.wraps(function)
    def call(*args):
        try:
            function(*args)
            return None
        except BaseException as error:
            from ._library import lib
            text = f"{type(error).__name__}: {error}".replace("\0", " ")
            _waiting.raised = error, text
            return lib.kt_error_create(CallbackError.code, text.encode(errors="replace"))

    return call
