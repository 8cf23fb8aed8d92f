"""NumPy arrays as tensors of the library and back, without copies."""

import ctypes
import itertools

import numpy as np

from ._library import Handle, lib, out

# The header's element types by NumPy's names: {"float32": 1, ...}.
CODES = {}
DTYPES = {}
for _code in range(1, 64):
    _names = [n for n, v in lib.constants("KT_").items()
              if v == _code and hasattr(np, n.lower().replace("bool", "bool_"))]
    for _name in _names:
        CODES[np.dtype(_name.lower())] = _code
        DTYPES[_code] = np.dtype(_name.lower())
# What the library has not is converted to what holds it.
WIDER = {"float16": "float32", "int8": "int32", "int16": "int32", "uint16": "int32",
         "uint64": "int64", "longdouble": "float64"}

# Arrays that tensors lie over, until the library lets go of them.
_alive = {}
_keys = itertools.count(1)


@ctypes.CFUNCTYPE(None, ctypes.c_void_p)
def _release(key):
    _alive.pop(key, None)


def as_array(value):
    """An array that a tensor can lie over: `value` itself where it is one, else a copy."""
    array = np.asarray(value)
    if array.dtype not in CODES:
        wider = WIDER.get(array.dtype.name)
        if not array.dtype.isnative:
            wider = array.dtype.newbyteorder("=")
        if wider is None:
            raise TypeError(f"an array of dtype {array.dtype} cannot be given to the library")
        return as_array(array.astype(wider))
    # (np.ascontiguousarray would make a vector of a scalar.)
    return np.require(array, requirements=("C", "A"))


def of_strings(array):
    """A tensor of text, which is copied."""
    items = [item if isinstance(item, bytes) else str(item).encode() for item in array.ravel()]
    pointers = (ctypes.c_char_p * len(items))(*items)
    sizes = (ctypes.c_size_t * len(items))(*map(len, items))
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    pointer = out(lib.kt_tensor_of_strings, pointers, sizes, shape, array.ndim)
    return Handle(pointer, lib.kt_tensor_free)


def to_tensor(value):
    """A tensor over the array's memory; it keeps the array."""
    array = np.asarray(value)
    if array.dtype.kind in "US" or (array.dtype == object and
                                    all(isinstance(item, (str, bytes)) for item in array.flat)):
        return of_strings(array)
    array = as_array(array)
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    key = next(_keys)
    _alive[key] = array
    try:
        data = array.ctypes.data
        pointer = out(lib.kt_tensor_over, data, CODES[array.dtype], shape, array.ndim, _release, key)
    except BaseException:
        del _alive[key]
        raise
    return Handle(pointer, lib.kt_tensor_free)


def strings_of(pointer, shape):
    """The text of a tensor, copied, as an array of str."""
    array = np.empty(shape, object)
    size = ctypes.c_size_t()
    for index in range(array.size):
        address = lib.kt_tensor_string(pointer, index, ctypes.byref(size))
        array.flat[index] = ctypes.string_at(address, size.value).decode()
    return array


class _Memory:
    """What NumPy makes an array of; the array keeps it, and it the tensor."""

    def __init__(self, tensor, interface):
        self.tensor = tensor
        self.__array_interface__ = interface


def to_array(pointer):
    """An array over the memory of a tensor, which is taken over."""
    tensor = Handle(pointer, lib.kt_tensor_free)
    code = lib.kt_tensor_dtype(pointer)
    extents = lib.kt_tensor_shape(pointer)
    rank = lib.kt_tensor_rank(pointer)
    shape = tuple(ctypes.cast(extents, ctypes.POINTER(ctypes.c_int64))[:rank]) if rank else ()
    if code == lib.KT_STRING:
        return strings_of(pointer, shape)
    dtype = DTYPES[code]
    data = lib.kt_tensor_data(pointer)
    if not data:
        return np.empty(shape, dtype)
    return np.asarray(_Memory(tensor, {"version": 3, "data": (data, False), "shape": shape,
                                       "typestr": dtype.str}))
