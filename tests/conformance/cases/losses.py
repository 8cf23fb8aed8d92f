"""Losses with their options, with and without sample weights."""

import keras
import numpy as np
from keras import layers, losses

from .case import normal

LOSSES = [
    (losses.MeanSquaredError, dict(), "regression"), (losses.MeanSquaredError, dict(reduction="sum"), "regression"),
    (losses.MeanAbsoluteError, dict(), "regression"),
    (losses.BinaryCrossentropy, dict(), "binary"),
    (losses.BinaryCrossentropy, dict(from_logits=True, label_smoothing=0.2), "binary"),
    (losses.CategoricalCrossentropy, dict(), "categorical"),
    (losses.CategoricalCrossentropy, dict(from_logits=True, label_smoothing=0.1), "categorical"),
    (losses.SparseCategoricalCrossentropy, dict(), "sparse"),
    (losses.SparseCategoricalCrossentropy, dict(from_logits=True, ignore_class=1), "sparse"),
]
ACTIVATION = {"regression": "linear", "binary": "sigmoid", "categorical": "softmax", "sparse": "softmax"}


def targets(kind, seed):
    random = np.random.default_rng(seed)
    if kind == "regression":
        return normal((12, 2), seed)
    if kind == "binary":
        return random.integers(0, 2, (12, 2)).astype("float32")
    classes = random.integers(0, 3, 12)
    return classes.reshape(12, 1).astype("int32") if kind == "sparse" else np.eye(3, dtype="float32")[classes]


def cases():
    for i, (loss, arguments, kind) in enumerate(LOSSES):
        for weighted in (False, True):
            keras.utils.set_random_seed(i)
            width = 2 if kind in ("regression", "binary") else 3
            activation = "linear" if arguments.get("from_logits") else ACTIVATION[kind]
            model = keras.Sequential([keras.Input((4,)), layers.Dense(width, activation=activation)])
            model.compile("sgd", loss(**arguments))
            weight = np.random.default_rng(i).uniform(0.1, 2, 12).astype("float32") if weighted else None
            name = f"{loss.__name__}_{i}{'_weighted' if weighted else ''}"
            yield name, model, {"y": targets(kind, i), "sample_weight": weight}
