"""Losses, metrics and layers of Python: functions that compose symbolic tensors."""

import ctypes
import inspect
import json
import threading

from ._errors import guarded
from ._library import encoded, lib, text
from ._symbolic import KerasTensor

_kept = []  # the library has no way to forget a class
_names = {}  # (kind, function) to the name that it is registered under
_lock = threading.RLock()

REGISTER = {"losses": "kt_register_loss", "metrics": "kt_register_metric"}
OF_EVERY_LAYER = ("name", "trainable", "dtype", "activity_regularizer")
TYPES = {bool: "bool", int: "int", float: "float", str: "string"}


class Borrowed(KerasTensor):
    """Belongs to the library, for the length of a call."""

    def __init__(self, pointer):
        self._as_parameter_ = pointer
        self._input_config = None


def give_up(result, made_by):
    """The handle of what a function returned, which the library takes over."""
    if not isinstance(result, KerasTensor):
        raise TypeError(f"{made_by}: expected a symbolic tensor, it returned {result!r}")
    owner = result.__dict__.pop("_owner", None)
    if owner is not None:
        owner.let_go()
    return result._as_parameter_


class Call:
    """Around one call of a function: what was lent to it is of no use afterwards."""

    def __init__(self, pointers):
        self.lent = [Borrowed(pointer) for pointer in pointers]
        self.given = []

    def give(self, result, made_by):
        pointer = give_up(result, made_by)
        self.given.append(result)
        return pointer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for tensor in self.lent + self.given:
            tensor._as_parameter_ = None


def register(kind, function):
    """The name in the registry of a function of y_true and y_pred."""
    with _lock:
        if (kind, function) in _names:
            return _names[kind, function]
        label = getattr(function, "__name__", type(function).__name__).strip("<>")
        chosen = free_name(kind, label)

        @guarded
        def call(_, scope, y_true, y_pred, output):
            with Call([y_true, y_pred]) as operands:
                result = operands.give(function(*operands.lent), label)
                ctypes.c_void_p.from_address(output).value = result

        struct = lib.kt_custom_function(name=encoded(chosen), doc=encoded(inspect.getdoc(function)))
        struct.call = dict(struct._fields_)["call"](call)
        getattr(lib, REGISTER[kind])(ctypes.byref(struct))
        _kept.append(struct)
        _names[kind, function] = chosen
        return chosen


def free_name(kind, label):
    """A function defined anew under its name is another class of the library."""
    chosen, number = label, 0
    while is_taken(kind, chosen):
        number += 1
        chosen = f"{label}_{number}"
    return chosen


def is_taken(kind, name):
    try:
        text(lib.kt_registry_class, encoded(kind), encoded(name))
    except ValueError:
        return False
    return True


def named(kind, given):
    """`given`, with each function in it registered and in its place what the library knows."""
    if isinstance(given, dict):
        return {key: named(kind, value) for key, value in given.items()}
    if isinstance(given, (list, tuple)):
        return [named(kind, value) for value in given]
    if hasattr(given, "_to_json") or not callable(given):
        return given
    chosen = register(kind, given)
    label = getattr(given, "__name__", chosen).strip("<>")
    if label == chosen:
        return chosen
    return {"module": "custom", "class_name": chosen, "config": {"name": label},
            "registered_name": chosen}


def attributes_of(cls):
    """The parameters of a layer's __init__ as attributes: typed by their defaults."""
    attributes = []
    for parameter in list(inspect.signature(cls.__init__).parameters.values())[1:]:
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or \
                parameter.name in OF_EVERY_LAYER:
            continue
        attribute = {"name": parameter.name, "doc": "",
                     "type": TYPES.get(parameter.annotation, "any")}
        if parameter.default is not parameter.empty:
            attribute["default"] = parameter.default
            attribute["type"] = TYPES.get(type(parameter.default), attribute["type"])
        attributes.append(attribute)
    return attributes


def at_work(cls, scope, replays):
    """An object of the class as the library's layer is configured, for one call."""
    config = json.loads(lib.kt_scope_config(scope).decode())
    names = [attribute["name"] for attribute in attributes_of(cls)]
    layer = cls.__new__(cls)
    layer._scope, layer._configured, layer._replays = scope, config, replays
    layer.__init__(**{name: config[name] for name in names if name in config})
    return layer


def shapes_of(shapes, ranks, count):
    pointers = ctypes.cast(shapes, ctypes.POINTER(ctypes.POINTER(ctypes.c_int64)))
    sizes = ctypes.cast(ranks, ctypes.POINTER(ctypes.c_size_t))
    return [tuple(None if extent < 0 else extent for extent in pointers[i][:sizes[i]])
            for i in range(count)]


def one_or_all(items):
    return items[0] if len(items) == 1 else items


def register_layer(cls):
    """A class with build(input_shape), which calls add_weight, and call(inputs)."""
    struct = lib.kt_custom_layer(
        name=encoded(cls.__name__), doc=encoded(inspect.getdoc(cls)),
        attributes=json.dumps(attributes_of(cls)).encode(), min_inputs=cls.min_inputs,
        max_inputs=cls.max_inputs, n_outputs=cls.n_outputs)
    wants_training = "training" in inspect.signature(cls.call).parameters

    @guarded
    def build(_, scope, shapes, ranks, count):
        at_work(cls, scope, False).build(one_or_all(shapes_of(shapes, ranks, count)))

    @guarded
    def call(_, scope, inputs, count, outputs):
        array = (ctypes.c_void_p * count).from_address(inputs)
        with Call(list(array)) as operands:
            layer = at_work(cls, scope, True)
            layer.build(one_or_all([tensor.shape for tensor in operands.lent]))
            more = {"training": bool(lib.kt_scope_training(scope))} if wants_training else {}
            results = layer.call(one_or_all(operands.lent), **more)
            results = list(results) if isinstance(results, (list, tuple)) else [results]
            if len(results) != cls.n_outputs:
                raise ValueError(f"{cls.__name__}: n_outputs is {cls.n_outputs}, call returned "
                                 f"{len(results)}")
            given = [operands.give(result, cls.__name__) for result in results]
            (ctypes.c_void_p * len(given)).from_address(outputs)[:] = given

    types = dict(struct._fields_)
    struct.build, struct.call = types["build"](build), types["call"](call)
    lib.kt_register_layer(ctypes.byref(struct))
    _kept.append(struct)
