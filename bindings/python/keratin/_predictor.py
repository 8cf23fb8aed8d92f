"""Predictions with a copy of a model's weights, for one batch size, on memory of one's own."""

import ctypes

import numpy as np

from ._library import Handle, lib, out
from ._model import one_or_all
from ._tensor import DTYPES


def _spec(of, pointer, index):
    dtype, rank, shape = (getattr(lib, f"kt_predictor_{of}_{what}")(pointer, index)
                          for what in ("dtype", "rank", "shape"))
    return tuple(ctypes.cast(shape, ctypes.POINTER(ctypes.c_int64))[:rank]), DTYPES[dtype]


class Predictor(Handle):
    """What kt_predictor is in the library: a copy of the weights of `model` as they are now, ready to
    predict `batch_size` rows in the calling thread without allocating or waiting. One thread at a
    time; clone() gives one for another thread. `shapes` has the extents of each input, without the
    batch axis, where the model leaves some open.

    inputs and outputs are lists of (shape, dtype)."""

    __slots__ = ("inputs", "outputs")

    def __init__(self, model, batch_size=1, shapes=None):
        Handle.__init__(self, None, lib.kt_predictor_free)
        shapes = [tuple(shape) for shape in shapes or ()]
        extents = [(ctypes.c_int64 * len(shape))(*shape) for shape in shapes]
        pointers = (ctypes.c_void_p * len(shapes))(*map(ctypes.addressof, extents))
        ranks = (ctypes.c_size_t * len(shapes))(*map(len, shapes))
        self._own(out(lib.kt_predictor_create, model, batch_size, pointers, ranks, len(shapes)))

    def _own(self, pointer):
        self._as_parameter_ = pointer
        self.inputs = [_spec("input", pointer, i)
                       for i in range(lib.kt_predictor_input_count(pointer))]
        self.outputs = [_spec("output", pointer, i)
                        for i in range(lib.kt_predictor_output_count(pointer))]
        return self

    def clone(self):
        """Another one over the same copy of the weights."""
        other = Predictor.__new__(Predictor)
        Handle.__init__(other, out(lib.kt_predictor_clone, self), lib.kt_predictor_free)
        return other._own(other._as_parameter_)

    def run(self, inputs, outputs):
        """Predicts from arrays into arrays, all of the very shapes and dtypes of `inputs` and
        `outputs`, contiguous."""
        places = []
        for name, arrays, specs in (("input", inputs, self.inputs), ("output", outputs, self.outputs)):
            if len(arrays) != len(specs):
                raise ValueError(f"expected {len(specs)} {name}s, got {len(arrays)}")
            for i, (array, (shape, dtype)) in enumerate(zip(arrays, specs)):
                if array.shape != shape or array.dtype != dtype or not array.flags.c_contiguous:
                    raise ValueError(f"{name} {i}: expected a contiguous array of {dtype} {shape}, "
                                     f"got {array.dtype} {array.shape}")
            places.append((ctypes.c_void_p * len(arrays))(*[a.ctypes.data for a in arrays]))
        lib.kt_predictor_run(self, places[0], len(inputs), places[1], len(outputs))

    def __call__(self, x):
        """Arrays for one batch, converted where needed; returns new arrays, one or a list."""
        arrays = x if isinstance(x, (list, tuple)) else [x]
        inputs = [np.ascontiguousarray(a, dtype=dtype) for a, (_, dtype) in zip(arrays, self.inputs)]
        outputs = [np.empty(shape, dtype) for shape, dtype in self.outputs]
        self.run(inputs + list(arrays[len(inputs):]), outputs)
        return one_or_all(outputs)
