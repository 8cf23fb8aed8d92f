"""Callbacks: those of the library, and classes of Python that it calls."""

import ctypes

from ._errors import guarded
from ._library import Handle, encoded, lib, out
from ._registry import RegistryObject

# The library's events, by the method of keras.callbacks.Callback: what they are given.
METHODS = {}
for _field, _type in lib.kt_callback_functions._fields_:
    if _field not in ("struct_size", "context", "release"):
        METHODS["on_" + _field] = _field, _type


def logs_of(pointer):
    """A dict of the values; lists where a metric has several."""
    logs, count = {}, ctypes.c_size_t()
    for index in range(lib.kt_logs_count(pointer) if pointer else 0):
        values = ctypes.cast(lib.kt_logs_values(pointer, index, ctypes.byref(count)),
                             ctypes.POINTER(ctypes.c_double))[:count.value]
        logs[lib.kt_logs_key(pointer, index).decode()] = values[0] if len(values) == 1 else values
    return logs


class Callback(RegistryObject):
    """Subclasses override what they want to hear of; `self.model` and `self.params` are set by
    fit, evaluate and predict. Setting self.model.stop_training to True ends training."""

    def __init__(self, *args, **kwargs):
        self.model, self.params = None, {}
        if self._info is not None:
            super().__init__(*args, **kwargs)
            self._callback = Handle(out(lib.kt_callback_create, encoded(self._info["name"]),
                                        self._arguments(args, kwargs)), lib.kt_callback_free)

    def set_model(self, model):
        self.model = model

    def set_params(self, params):
        self.params = params

    def on_train_begin(self, logs=None):
        pass

    def on_train_end(self, logs=None):
        pass

    def on_epoch_begin(self, epoch, logs=None):
        pass

    def on_epoch_end(self, epoch, logs=None):
        pass

    def on_train_batch_begin(self, batch, logs=None):
        pass

    def on_train_batch_end(self, batch, logs=None):
        pass

    def on_test_begin(self, logs=None):
        pass

    def on_test_end(self, logs=None):
        pass

    def on_test_batch_begin(self, batch, logs=None):
        pass

    def on_test_batch_end(self, batch, logs=None):
        pass

    def on_predict_begin(self, logs=None):
        pass

    def on_predict_end(self, logs=None):
        pass

    def on_predict_batch_begin(self, batch, logs=None):
        pass

    def on_predict_batch_end(self, batch, logs=None):
        pass

    def _overrides(self, method):
        return getattr(type(self), method) is not getattr(Callback, method) or \
            method in self.__dict__


def event(callback, method, model):
    """What the library calls for a method of a Python callback."""
    indexed = "epoch" in method or "batch" in method

    @guarded
    def call(_, loop, index, pointer):
        # Looked up now: it may be set while training runs.
        function, logs = getattr(callback, method), logs_of(pointer)
        before = dict(logs)
        function(*([index] if indexed else []), logs)
        if method == "on_epoch_end":
            for key, value in logs.items():
                if key not in before or before[key] is not value:
                    lib.kt_loop_set_log(loop, encoded(key), float(value))
        if model.stop_training:
            lib.kt_loop_stop_training(loop)

    return call


def handle_of(callback, model):
    """(handle, what must be kept with it) for one call of fit, evaluate or predict."""
    if getattr(callback, "_callback", None) is not None:
        return callback._callback, None
    if not isinstance(callback, Callback):
        raise TypeError(f"callbacks: expected keratin.callbacks.Callback, got {callback!r}")
    functions = lib.kt_callback_functions()
    kept = []
    for method, (field, type_) in METHODS.items():
        if callback._overrides(method):
            kept.append(type_(event(callback, method, model)))
            setattr(functions, field, kept[-1])
    return Handle(out(lib.kt_callback_from_functions, ctypes.byref(functions)),
                  lib.kt_callback_free), kept


class Watch(Callback):
    """Raises at the end of an epoch what could not be raised before: exceptions of printing, and
    those of signals (Ctrl-C), which Python looks at when any of its code runs."""

    def __init__(self):
        super().__init__()
        self.caught = None

    def on_epoch_end(self, epoch, logs=None):
        self.raise_caught()

    def raise_caught(self):
        caught, self.caught = self.caught, None
        if caught is not None:
            raise caught
