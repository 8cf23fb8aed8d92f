"""Symbolic tensors: what layers and ops are called on, and what they give."""

import ctypes
import numbers

import numpy as np

from ._library import Handle, encoded, lib, out
from ._tensor import CODES, DTYPES, to_tensor


class KerasTensor:
    """`shape` begins with the batch axis, None where not known."""

    __array_priority__ = 1000  # array + symbolic comes here, not to NumPy

    def __init__(self, pointer, input_config=None):
        self._as_parameter_ = pointer
        self._owner = Handle(pointer, lib.kt_symbolic_free)
        self._input_config = input_config  # of one that Input() made

    @property
    def shape(self):
        rank = lib.kt_symbolic_rank(self)
        if not rank:
            return ()
        extents = ctypes.cast(lib.kt_symbolic_shape(self), ctypes.POINTER(ctypes.c_int64))
        return tuple(None if extents[i] < 0 else extents[i] for i in range(rank))

    @property
    def ndim(self):
        return lib.kt_symbolic_rank(self)

    @property
    def dtype(self):
        code = lib.kt_symbolic_dtype(self)
        return "string" if code == lib.KT_STRING else DTYPES[code].name

    @property
    def name(self):
        return lib.kt_symbolic_name(self).decode()

    def __repr__(self):
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __bool__(self):
        raise TypeError("a symbolic tensor has no value yet, so it is neither true nor false")

    def __iter__(self):
        raise TypeError("a symbolic tensor cannot be iterated over")

    def __array__(self, *_, **__):
        raise TypeError("a symbolic tensor has no value yet, so NumPy cannot use it; "
                        "see keratin.ops")


def binary(name, swapped=False):
    def operator(self, other):
        if not isinstance(other, (KerasTensor, numbers.Number, np.ndarray, np.generic)):
            return NotImplemented
        return call_op(name, *((other, self) if swapped else (self, other)))
    return operator


for _method, _op in {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
                     "pow": "power", "matmul": "matmul", "mod": "mod",
                     "floordiv": "floor_divide"}.items():
    setattr(KerasTensor, f"__{_method}__", binary(_op))
    setattr(KerasTensor, f"__r{_method}__", binary(_op, swapped=True))
for _method, _op in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
                     "ne": "not_equal"}.items():
    setattr(KerasTensor, f"__{_method}__", binary(_op))
KerasTensor.__neg__ = lambda self: call_op("negative", self)
KerasTensor.__abs__ = lambda self: call_op("absolute", self)


def several(function, *arguments):
    """What a call gives back through an array, its size and their number: a tensor, or a list of them."""
    results, count = (ctypes.c_void_p * 256)(), ctypes.c_size_t()
    function(*arguments, results, len(results), ctypes.byref(count))
    made = [KerasTensor(pointer) for pointer in results[:count.value]]
    return made[0] if len(made) == 1 else made


def call_op(name, *operands):
    from . import ops
    function = getattr(ops, name, None)
    if function is None:
        raise NotImplementedError(f"the library has no op '{name}'")
    return function(*operands)


def index_json(item):
    """One index as Keras saves it."""
    if isinstance(item, slice):
        return {"class_name": "__slice__", "config": {"start": item.start, "stop": item.stop, "step": item.step}}
    return {"class_name": "__ellipsis__", "config": {}} if item is Ellipsis else item


def getitem(self, key):
    """Slices of step 1, indices, new axes and an ellipsis."""
    from . import ops
    keys = key if isinstance(key, tuple) else (key,)
    try:
        return ops.get_item(self, [index_json(item) for item in keys])
    except ValueError as error:
        if "out of range" in str(error) or "indices" in str(error):
            raise IndexError(str(error)) from None
        raise


KerasTensor.__getitem__ = getitem


def constant(value, like):
    """An array as a constant of the custom call that `like` belongs to."""
    array = np.asarray(value, None if np.asarray(value).dtype.kind in "biu" else "float32")
    return KerasTensor(out(lib.kt_constant, to_tensor(array), like))


def dtype_code(dtype):
    if str(dtype) == "string":
        return lib.KT_STRING
    try:
        return CODES[np.dtype(dtype)]
    except (KeyError, TypeError):
        raise ValueError(f"dtype {dtype!r}: expected one of "
                         f"{', '.join(str(d) for d in CODES)}") from None


def Input(shape=None, batch_size=None, dtype=None, name=None, batch_shape=None):
    """A placeholder for data; `shape` is without the batch axis."""
    if (shape is None) == (batch_shape is None):
        raise ValueError("Input: expected either shape or batch_shape")
    if batch_shape is not None:
        batch_size, *shape = batch_shape
    shape = [shape] if isinstance(shape, numbers.Integral) else list(shape)
    extents = [-1 if extent is None else int(extent) for extent in shape]
    code = dtype_code("float32" if dtype is None else dtype)
    dtype = "string" if code == lib.KT_STRING else DTYPES[code].name
    pointer = out(lib.kt_input, (ctypes.c_int64 * len(extents))(*extents), len(extents), code,
                  encoded(name))
    config = {"batch_shape": [batch_size, *shape], "dtype": dtype,
              "name": lib.kt_symbolic_name(pointer).decode()}
    return KerasTensor(pointer, config)
