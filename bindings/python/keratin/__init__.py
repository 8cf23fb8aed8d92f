"""Keratin: deep learning the Keras way, in a small library. It reads like Keras:

    import keratin as keras
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=10)
"""

from ._errors import (CallbackError, CorruptError, FileError, InternalError, InvalidArgumentError,
                      KeratinError, NotFoundError, OutOfMemoryError, StateError, UnsupportedError)
from ._library import lib as _lib
from . import (activations, callbacks, config, constraints, initializers, layers, losses, metrics, models,
               ops, optimizers, regularizers, utils)
from ._model import Functional, Model, Sequential
from ._predictor import Predictor
from ._remat import RematScope
from ._symbolic import Input, KerasTensor
from .layers import Layer
from .losses import Loss
from .metrics import Metric
from .optimizers import Optimizer

__version__ = _lib.kt_version().decode()
