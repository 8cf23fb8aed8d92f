"""compile, fit, evaluate and predict, as a part of Model."""

import ctypes
import json
import math
import re
import sys

import numpy as np

from . import _callback
from ._custom import named
from ._data import Batches, Data, Source, batch_of, gathered, is_source, parts, prefetch_of
from ._history import History
from ._library import Handle, handles, lib, number, out, parsed
from ._values import to_json


def write(text):
    """To sys.stdout as it is now, whatever it can show."""
    stream = sys.stdout
    if stream is None:
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding))
    stream.flush()


class Call:
    """What one call of fit, evaluate or predict needs besides its data."""

    def __init__(self, model, options, verbose, callbacks, params):
        self.options, self.watch = options, _callback.Watch()
        options.verbose = 1 if verbose == "auto" else int(verbose)
        if options.verbose:
            self.print = dict(options._fields_)["print"](self._print)
            options.print = self.print
        callbacks = list(callbacks or [])
        for callback in callbacks:
            if isinstance(callback, _callback.Callback):
                callback.set_params({"verbose": options.verbose, **params})
                callback.set_model(model)
        if "epochs" in params:
            callbacks.append(self.watch)
        self.made = [_callback.handle_of(callback, model) for callback in callbacks]
        self.array = handles([handle for handle, _ in self.made])
        options.callbacks = ctypes.addressof(self.array) if self.made else None
        options.n_callbacks = len(self.made)

    def _print(self, _, text):
        try:
            write(text.decode())
        except BaseException as error:  # which cannot pass through the library
            self.watch.caught = error

    def __enter__(self):
        return ctypes.byref(self.options)

    def __exit__(self, *error):
        self.watch.raise_caught()
        return False


def logs_list(pointer):
    handle = Handle(pointer, lib.kt_logs_free)
    return _callback.logs_of(handle)


def result_of(logs, return_dict):
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


class Training:
    """`self` passes for a kt_model*."""

    def compile(self, optimizer="rmsprop", loss=None, loss_weights=None, metrics=None,
                weighted_metrics=None, run_eagerly=False, steps_per_execution=1,
                jit_compile="auto", auto_scale_loss=True):
        """As in Keras; losses and metrics may be functions of symbolic tensors."""
        config = {"optimizer": optimizer, "loss": named("losses", loss),
                  "loss_weights": loss_weights, "metrics": named("metrics", metrics),
                  "weighted_metrics": named("metrics", weighted_metrics),
                  "steps_per_execution": steps_per_execution, "auto_scale_loss": auto_scale_loss}
        config = {key: to_json(value) for key, value in config.items() if value is not None}
        lib.kt_model_compile(self, json.dumps(config).encode())

    @property
    def compiled(self):
        return bool(lib.kt_model_is_compiled(self))

    def get_compile_config(self):
        return parsed(lib.kt_model_compile_config, self)

    @property
    def optimizer(self):
        return CompiledOptimizer(self) if self.compiled else None

    @property
    def learning_rate(self):
        """Of the optimizer, at present; may be set where there is no schedule."""
        return number(ctypes.c_double, lib.kt_model_learning_rate, self)

    @learning_rate.setter
    def learning_rate(self, rate):
        lib.kt_model_set_learning_rate(self, float(rate))

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None,
            validation_split=0.0, validation_data=None, shuffle=True, class_weight=None,
            sample_weight=None, initial_epoch=0, steps_per_epoch=None, validation_steps=None,
            validation_batch_size=None, validation_freq=1):
        """As in Keras. x may give batches: a generator, a sequence, anything to be iterated."""
        options = lib.kt_fit_options(
            batch_size=batch_size or 0, epochs=epochs, initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch or 0, shuffle=int(bool(shuffle)),
            validation_split=validation_split, validation_batch_size=validation_batch_size or 0,
            validation_steps=validation_steps or 0, validation_freq=validation_freq)
        if class_weight is not None:
            options.class_weight = json.dumps(to_json(class_weight)).encode()
        validation = self._validation(validation_data, validation_steps)
        if validation is not None:
            options.validation_data = ctypes.addressof(validation.struct)
        self.stop_training = False
        batches = None
        steps = steps_per_epoch
        if is_source(x):
            refuse_beside_source(y=y, sample_weight=sample_weight, validation_split=validation_split)
            batches = Batches(x, shuffle)
            if not steps_per_epoch and len(batches):
                options.steps_per_epoch = steps = len(batches)
        elif not steps_per_epoch:
            steps = steps_of(x, batch_size, validation_split)
        call = Call(self, options, verbose, callbacks, {"epochs": epochs, "steps": steps})
        pointer = ctypes.c_void_p()
        with call as by:
            if batches is not None:
                with Source(self, batches, prefetch_of(x)) as source:
                    lib.kt_model_fit_source(self, source, by, ctypes.byref(pointer))
            else:
                data = Data(self, x, y, sample_weight)
                lib.kt_model_fit(self, ctypes.byref(data.struct), by, ctypes.byref(pointer))
        self.history = history_of(self, pointer.value)
        self.history.params = {"verbose": options.verbose, "epochs": epochs, "steps": steps}
        return self.history

    def _validation(self, given, steps):
        if given is None:
            return None
        if is_source(given):
            given = gathered(self, given, steps)
        if not isinstance(given, (tuple, list)) or not 2 <= len(given) <= 3:
            raise ValueError("validation_data: expected (x, y) or (x, y, sample_weight)")
        return Data(self, *given)

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", sample_weight=None,
                 steps=None, callbacks=None, return_dict=False):
        """Loss and metrics: one number, a list, or a dict."""
        options = lib.kt_evaluate_options(batch_size=batch_size or 0, steps=steps or 0)
        call = Call(self, options, verbose, callbacks, {"steps": steps})
        with call as by:
            if is_source(x):
                refuse_beside_source(y=y, sample_weight=sample_weight)
                batches = Batches(x)
                if not steps and len(batches):
                    options.steps = len(batches)
                with Source(self, batches, prefetch_of(x)) as source:
                    pointer = out(lib.kt_model_evaluate_source, self, source, by)
            else:
                data = Data(self, x, y, sample_weight)
                pointer = out(lib.kt_model_evaluate, self, ctypes.byref(data.struct), by)
        return result_of(logs_list(pointer), return_dict)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """An array, or a list of them; they lie over the library's memory."""
        from ._model import predict_arrays
        if is_source(x):
            return self._predict_batches(x, steps)
        options = lib.kt_predict_options(batch_size=batch_size or 0)
        with Call(self, options, verbose, callbacks, {"steps": steps}) as by:
            return predict_arrays(lib.kt_model_predict, self, parts(x, self._input_names, "x"), by)

    def _predict_batches(self, source, steps):
        results = []
        for item in Batches(source):
            if steps and len(results) == steps:
                break
            results.append(self.predict_on_batch(batch_of(item)[0]))
        if not results:
            raise ValueError("predict: the source gave no batches")
        if isinstance(results[0], list):
            return [np.concatenate(column) for column in zip(*results)]
        return np.concatenate(results)

    def quantize(self, mode="int8", filters=None, calibration=None, percentile=100.0,
                 batch_size=None):
        """Keras' quantize("int8"). `filters`: a regular expression for the layers' names, a list of
        them, or a function of a layer. With `calibration`, inputs like those to come, the scales of
        what goes into layers are fixed, and convolutions are quantized, too."""
        options = lib.kt_quantize_options(percentile=percentile, batch_size=batch_size or 0)
        if filters is not None:
            names = [layer.name for layer in self.layers if passes(layer, filters)]
            options.layers = json.dumps(names).encode()
        if calibration is not None:
            data = Data(self, calibration)
            options.calibration = ctypes.addressof(data.struct)
        lib.kt_model_quantize(self, mode.encode(), ctypes.byref(options))

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        data = Data(self, x, y, sample_weight)
        weights = None if class_weight is None else json.dumps(to_json(class_weight)).encode()
        pointer = out(lib.kt_model_train_on_batch, self, ctypes.byref(data.struct), weights)
        return result_of(logs_list(pointer), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        data = Data(self, x, y, sample_weight)
        pointer = out(lib.kt_model_test_on_batch, self, ctypes.byref(data.struct))
        return result_of(logs_list(pointer), return_dict)

    def predict_on_batch(self, x):
        from ._model import predict_arrays
        return predict_arrays(lib.kt_model_predict_on_batch, self,
                              parts(x, self._input_names, "x"))


def passes(layer, filters):
    if callable(filters):
        return bool(filters(layer))
    patterns = [filters] if isinstance(filters, str) else filters
    return any(re.search(pattern, layer.name) for pattern in patterns)


def refuse_beside_source(**given):
    for name, value in given.items():
        if value is not None and not (np.isscalar(value) and value == 0):
            raise ValueError(f"{name}: not beside a source of batches, which gives it itself")


def steps_of(x, batch_size, validation_split):
    while isinstance(x, (list, tuple)) and x and np.ndim(x[0]):
        x = x[0]
    if isinstance(x, dict):
        x = next(iter(x.values()), ())
    try:
        rows = len(x)
    except TypeError:
        return None
    rows = math.floor(rows * (1 - validation_split))
    return -(-rows // (batch_size or 32))


def history_of(model, pointer):
    handle = Handle(pointer, lib.kt_history_free)
    recorded = parsed(lib.kt_history_json, handle)

    def plain(value):
        if isinstance(value, list):
            return [plain(item) for item in value]
        return math.nan if value is None else value

    return History(model, recorded["epoch"], {k: plain(v) for k, v in recorded["history"].items()})


class CompiledOptimizer:
    """The optimizer of a compiled model."""

    def __init__(self, model):
        self._model = model

    @property
    def learning_rate(self):
        return self._model.learning_rate

    @learning_rate.setter
    def learning_rate(self, rate):
        self._model.learning_rate = rate

    @property
    def iterations(self):
        return number(ctypes.c_int64, lib.kt_model_iterations, self._model)

    def get_config(self):
        return self._model.get_compile_config()["optimizer"]["config"]

    @property
    def name(self):
        return self.get_config()["name"]

    def __repr__(self):
        return f"<{self._model.get_compile_config()['optimizer']['class_name']} of {self._model!r}>"
