"""Arguments of fit, and callbacks."""

import keras
import numpy as np
from keras import layers

from .case import normal

FITS = {
    "partial_batch": dict(batch_size=7), "one_batch": dict(batch_size=40),
    "steps_per_epoch": dict(batch_size=4, steps_per_epoch=2), "validation_split": dict(validation_split=0.25),
    "validation_freq": dict(validation_split=0.3, validation_freq=2, epochs=4),
    "initial_epoch": dict(epochs=4, initial_epoch=1), "class_weight": dict(class_weight={"0": 0.5, "1": 3.0}),
}
CALLBACKS = {
    "early_stopping": [{"class": "EarlyStopping",
                        "config": {"monitor": "loss", "patience": 1, "min_delta": 0.05, "restore_best_weights": True}}],
    "reduce_on_plateau": [{"class": "ReduceLROnPlateau",
                           "config": {"monitor": "loss", "factor": 0.3, "patience": 1, "min_delta": 0.1}}],
}


def model():
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((5,)), layers.Dense(6, use_bias=False), layers.BatchNormalization(),
                             layers.Activation("relu"),
                             layers.Dense(1, activation="sigmoid")])
    made.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    return made


def cases():
    y = np.random.default_rng(0).integers(0, 2, (19, 1)).astype("float32")
    for name, fit in FITS.items():
        yield name, model(), {"x": normal((19, 5), 7), "y": y, "fit": fit}
    for name, callbacks in CALLBACKS.items():
        yield name, model(), {"x": normal((19, 5), 7), "y": y, "fit": {"epochs": 8}, "callbacks": callbacks}
