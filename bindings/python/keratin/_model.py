"""Models: chains and graphs of layers, their files and weights."""

import ctypes
import os

import numpy as np

from ._layer import Layer, Weighted
from ._library import Handle, encoded, handles, lib, number, out, parsed, text
from ._symbolic import Input, KerasTensor
from ._tensor import to_array, to_tensor
from ._training import Training
from ._values import flatten


class Model(Training, Weighted):
    """Model(inputs, outputs): what lies between symbolic tensors; dicts and lists of them, too."""

    def __init__(self, inputs, outputs, name=None):
        ins, outs = flatten(inputs), flatten(outputs)
        for tensor in ins + outs:
            if not isinstance(tensor, KerasTensor):
                raise TypeError(f"Model: expected symbolic tensors, got {tensor!r}")
        self._own(out(lib.kt_model_create, handles(ins), len(ins), handles(outs), len(outs),
                      encoded(name)))

    def _own(self, pointer):
        self._as_parameter_ = pointer
        self._owner = Handle(pointer, lib.kt_model_free)
        self._layer = Handle(out(lib.kt_model_as_layer, pointer), lib.kt_layer_free)
        self.stop_training = False
        self.history = None

    def __call__(self, inputs, *more, training=None):
        given = flatten([inputs, *more])
        if any(isinstance(tensor, KerasTensor) for tensor in given):
            self._build_for(given)
            kwargs = {} if training is None else {"training": bool(training)}
            return self._call((given,) if len(given) > 1 else (given[0],), kwargs)
        if training:
            return call_on_arrays(self, given, {"training": training})
        return self.predict_on_batch(given if len(given) > 1 else given[0])

    def _build_for(self, tensors):
        """A chain without an InputLayer has its number of outputs once it is built."""
        if not lib.kt_model_is_built(self):
            shape = [-1 if extent is None else extent for extent in tensors[0].shape]
            self.build(shape)

    def build(self, input_shape):
        """`input_shape` with the batch axis."""
        extents = [-1 if extent is None else int(extent) for extent in input_shape]
        lib.kt_model_build(self, (ctypes.c_int64 * len(extents))(*extents), len(extents))

    @property
    def built(self):
        return bool(lib.kt_model_is_built(self))

    @property
    def name(self):
        return lib.kt_model_name(self).decode()

    @property
    def inputs(self):
        return [KerasTensor(out(lib.kt_model_input, self, index))
                for index in range(lib.kt_model_input_count(self))]

    @property
    def outputs(self):
        return [KerasTensor(out(lib.kt_model_output, self, index))
                for index in range(lib.kt_model_output_count(self))]

    @property
    def input(self):
        return one_or_all(self.inputs)

    @property
    def output(self):
        return one_or_all(self.outputs)

    input_shape = property(lambda self: one_or_all([tensor.shape for tensor in self.inputs]))
    output_shape = property(lambda self: one_or_all([tensor.shape for tensor in self.outputs]))

    def _input_names(self):
        return [tensor.name for tensor in self.inputs]

    def _output_names(self):
        return [tensor.name for tensor in self.outputs]

    @property
    def layers(self):
        return [layer_of(out(lib.kt_model_layer, self, index))
                for index in range(lib.kt_model_layer_count(self))]

    def get_layer(self, name=None, index=None):
        if (name is None) == (index is None):
            raise ValueError("get_layer: expected either name or index")
        if name is not None:
            return layer_of(out(lib.kt_model_layer_named, self, encoded(name)))
        count = lib.kt_model_layer_count(self)
        if not -count <= index < count:
            raise ValueError(f"get_layer: index {index} of {count} layers")
        return layer_of(out(lib.kt_model_layer, self, index % count))

    def get_weight(self, path):
        """A copy of one weight, by its path: "dense/kernel"."""
        return to_array(out(lib.kt_model_weight, self, encoded(path)))

    def set_weight(self, path, value):
        lib.kt_model_set_weight(self, encoded(path), to_tensor(value))

    def count_params(self):
        return number(ctypes.c_int64, lib.kt_model_count_params, self)

    def weights_hash(self):
        """64 bits over all weights: equal for equal weights."""
        return number(ctypes.c_uint64, lib.kt_model_weights_hash, self)

    def summary(self, line_length=None, print_fn=None):
        summary = text(lib.kt_model_summary, self, line_length or 0)
        (print_fn or print)(summary.rstrip("\n"))

    def to_json(self):
        return text(lib.kt_model_to_json, self)

    def get_config(self):
        return parsed(lib.kt_model_to_json, self)["config"]

    def save(self, filepath):
        """A .keras archive, compiled as the model is, with the optimizer's state."""
        lib.kt_model_save(self, os.fsencode(filepath))

    def save_weights(self, filepath):
        lib.kt_model_save_weights(self, os.fsencode(filepath))

    def load_weights(self, filepath):
        lib.kt_model_load_weights(self, os.fsencode(filepath))

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"


class Sequential(Model):
    """A chain of layers; the first may be an Input."""

    def __init__(self, layers=None, name=None):
        chain = [as_layer(layer) for layer in layers or []]
        self._own(out(lib.kt_sequential_create, handles(chain), len(chain), encoded(name)))

    def add(self, layer):
        lib.kt_sequential_add(self, as_layer(layer))


class Functional(Model):
    """A functional model that came from a file or as a layer of another."""


def one_or_all(items):
    return items[0] if len(items) == 1 else items


def as_layer(given):
    """A handle of the layer that stands for it in a chain."""
    if isinstance(given, Weighted):
        return given._layer
    if isinstance(given, KerasTensor) and given._input_config:
        from . import layers
        return layers.InputLayer(**given._input_config)._layer
    raise TypeError(f"Sequential: expected layers, got {given!r}")


def layer_of(pointer):
    """The Python object for a layer of the library, which is taken over."""
    from . import layers
    name = lib.kt_layer_class_name(pointer).decode()
    if name in ("Sequential", "Functional"):
        handle = Handle(pointer, lib.kt_layer_free)
        return model_of(out(lib.kt_layer_as_model, handle))
    return layers.class_named(name)._over(pointer)


def model_of(pointer):
    """The Python object for a model of the library, which is taken over."""
    layer = Handle(out(lib.kt_model_as_layer, pointer), lib.kt_layer_free)
    chain = lib.kt_layer_class_name(layer) == b"Sequential"
    model = (Sequential if chain else Functional).__new__(Sequential if chain else Functional)
    model._own(pointer)
    return model


def call_on_arrays(layer, args, kwargs):
    """A layer at work on arrays: through a model of it alone."""
    if kwargs.get("training"):
        raise NotImplementedError(f"layer '{layer.name}': on arrays, layers work as in inference; "
                                  "train a model that holds it")
    arrays, inputs = [], []

    def symbolic(value):
        if isinstance(value, (list, tuple)) and any(isinstance(v, np.ndarray) for v in value):
            return [symbolic(item) for item in value]
        if isinstance(value, (bool, int, float, str, type(None))):
            return value
        array = np.asarray(value)
        arrays.append(array)
        inputs.append(Input(array.shape[1:], dtype="float32" if array.dtype.kind == "f" else
                            "string" if array.dtype.kind in "USO" else array.dtype.name))
        return inputs[-1]

    args = [symbolic(value) for value in args]
    model = Model(inputs, layer(*args, **{name: symbolic(v) for name, v in kwargs.items()}))
    return model.predict_on_batch(arrays)


def predict_arrays(function, model, x, *options):
    """For kt_model_predict and its like."""
    tensors = [to_tensor(array) for array in x]
    count = lib.kt_model_output_count(model)
    if not count and tensors:
        shape = ctypes.cast(lib.kt_tensor_shape(tensors[0]), ctypes.POINTER(ctypes.c_int64))
        rank = lib.kt_tensor_rank(tensors[0])
        model.build([None, *shape[1:rank]])
        count = lib.kt_model_output_count(model)
    outputs = (ctypes.c_void_p * count)()
    function(model, handles(tensors), len(tensors), *options, outputs, count)
    return one_or_all([to_array(pointer) for pointer in outputs])
