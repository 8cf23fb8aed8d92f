"""Layers: what the generated classes of keratin.layers have in common."""

import ctypes
import inspect
import json

import numpy as np

from . import _custom
from ._library import Handle, encoded, handles, lib, out, parsed, text
from ._registry import RegistryObject
from ._symbolic import KerasTensor, several
from ._tensor import to_array, to_tensor
from ._values import flatten, to_json


class Weight:
    """A weight of a layer: looked at by numpy(), changed by assign()."""

    def __init__(self, layer, index):
        self._layer, self._index = layer, index
        self.path = text(lib.kt_layer_weight_path, layer._layer, index)
        self.name = self.path.rsplit("/", 1)[-1]

    def numpy(self):
        return to_array(out(lib.kt_layer_weight, self._layer._layer, self._index))

    def assign(self, value):
        weights = self._layer.get_weights()
        weights[self._index] = np.broadcast_to(value, weights[self._index].shape)
        self._layer.set_weights(weights)

    @property
    def shape(self):
        return self.numpy().shape

    @property
    def dtype(self):
        return self.numpy().dtype.name

    def __array__(self, dtype=None, copy=None):
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __repr__(self):
        return f"<Weight path={self.path}, shape={self.shape}>"


class Weighted:
    """What layers and models do with their weights. `_layer` is a handle of the layer."""

    def get_weights(self):
        return [to_array(out(lib.kt_layer_weight, self._layer, index))
                for index in range(lib.kt_layer_weight_count(self._layer))]

    def set_weights(self, weights):
        tensors = [to_tensor(weight) for weight in weights]
        lib.kt_layer_set_weights(self._layer, handles(tensors), len(tensors))

    @property
    def weights(self):
        return [Weight(self, index) for index in range(lib.kt_layer_weight_count(self._layer))]

    variables = weights

    def count_params(self):
        return int(sum(weight.size for weight in self.get_weights()))

    @property
    def trainable(self):
        return bool(lib.kt_layer_trainable(self._layer))

    @trainable.setter
    def trainable(self, value):
        lib.kt_layer_set_trainable(self._layer, int(bool(value)))

    def _call(self, args, kwargs):
        """On symbolic tensors: what stands in args and kwargs, the rest as it is."""
        tensors = []

        def placed(value):
            if isinstance(value, KerasTensor):
                tensors.append(value)
                return {"__keras_tensor__": len(tensors) - 1}
            if isinstance(value, (list, tuple)):
                return [placed(item) for item in value]
            if not isinstance(value, (bool, int, float, str, type(None))):
                raise TypeError(f"layer '{self.name}': expected symbolic tensors, got {value!r}")
            return value

        plain = not kwargs and all(isinstance(item, KerasTensor) for item in flatten(list(args)))
        form = {"args": placed(args), "kwargs": {name: placed(value)
                                                 for name, value in kwargs.items()}}
        return several(lib.kt_layer_call_form, self._layer,
                       None if plain else json.dumps(form).encode(), handles(tensors), len(tensors))


class ScopeWeight(KerasTensor):
    """A weight's value within call()."""

    def __init__(self, scope, name):
        super().__init__(out(lib.kt_scope_weight, scope, encoded(name)))
        self._scope, self._weight_name = scope, name

    def assign(self, value):
        """A new value for a weight that is not trainable, in training."""
        lib.kt_scope_assign(self._scope, encoded(self._weight_name), value)


class Layer(Weighted, RegistryObject):
    """Base of all layers: of the library's classes, and of a program's own.

    An own class has call(self, inputs) or call(self, inputs, training), which composes symbolic
    tensors, and perhaps build(self, input_shape), which calls self.add_weight and does nothing else
    that lasts: the library makes an object of the class, by __init__ with the configuration, for each
    graph that it puts together. The parameters of __init__ are the configuration.
    """

    min_inputs, max_inputs, n_outputs = 1, 1, 1

    def __init_subclass__(cls, **kwargs):
        if "_info" in cls.__dict__:
            return
        if cls._info is not None and any(base.__dict__.get("_info") and base.call is Layer.call
                                         for base in cls.__mro__[1:]):
            super().__init_subclass__(**kwargs)  # which refuses
        if cls.call is Layer.call:
            raise TypeError(f"{cls.__name__}: a layer needs call(self, inputs)")
        _custom.register_layer(cls)
        cls._info = parsed(lib.kt_registry_class, b"layers", encoded(cls.__name__))

    def __new__(cls, *args, **kwargs):
        layer = super().__new__(cls)
        layer._given = args, kwargs
        return layer

    def build(self, input_shape):
        pass

    def call(self, inputs):
        raise NotImplementedError

    def add_weight(self, shape=(), initializer="glorot_uniform", trainable=True, regularizer=None,
                   constraint=None, name="weight"):
        """In build. A symbolic tensor where call follows."""
        if self._replays:
            return ScopeWeight(self._scope, name)
        shape = [shape] if isinstance(shape, int) else list(shape)
        options = {"initializer": initializer, "regularizer": regularizer,
                   "constraint": constraint, "trainable": trainable}
        lib.kt_scope_add_weight(self._scope, encoded(name), (ctypes.c_int64 * len(shape))(*shape),
                                len(shape), json.dumps(to_json(options)).encode())
        return None

    def add_loss(self, loss):
        """In call: adds a scalar to the loss."""
        lib.kt_scope_add_loss(self._scope, loss)

    def __init__(self, *args, **kwargs):
        if "_scope" in self.__dict__:
            return
        self._own(out(lib.kt_layer_create, encoded(self._info["name"]),
                      self._arguments(args, kwargs)))

    def _arguments(self, args, kwargs):
        if type(self).call is Layer.call:
            return super()._arguments(args, kwargs)
        args, kwargs = self._given
        bound = inspect.signature(type(self).__init__).bind(self, *args, **kwargs)
        given = {}
        for name, value in list(bound.arguments.items())[1:]:
            apart = bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
            given.update(value if apart else {name: value})
        return json.dumps(to_json(given)).encode()

    def _own(self, pointer):
        self._layer = Handle(pointer, lib.kt_layer_free)
        self._as_parameter_ = pointer

    @classmethod
    def _over(cls, pointer):
        layer = cls.__new__(cls)
        layer._own(pointer)
        return layer

    def __call__(self, *args, training=None, **kwargs):
        """On symbolic tensors, one or several: symbolic tensors. On arrays: arrays. Arguments are
        those of Keras' call: layer(x, mask=m), layer(x, initial_state=[h, c])."""
        if training is not None:
            kwargs["training"] = bool(training)
        given = flatten([*args, *kwargs.values()])
        if any(isinstance(tensor, KerasTensor) for tensor in given):
            return self._call(args, kwargs)
        from ._model import call_on_arrays
        return call_on_arrays(self, args, kwargs)

    @property
    def name(self):
        if "_scope" in self.__dict__:
            return self._configured["name"]
        return lib.kt_layer_name(self).decode()

    def get_config(self):
        if "_scope" in self.__dict__:
            return self._configured
        return parsed(lib.kt_layer_config, self)

    def adapt(self, data):
        """Learns what the layer normalizes or looks up from data."""
        lib.kt_layer_adapt(self, to_tensor(data))

    def _to_json(self):
        return {"module": self._info["module"], "class_name": self._info["name"],
                "config": self.get_config(), "registered_name": None}

    def __getattr__(self, name):
        if not name.startswith("_") and "_layer" in self.__dict__:
            for weight in self.weights:
                if weight.name == name:
                    return weight
        return super().__getattr__(name)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"
