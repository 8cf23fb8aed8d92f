"""Each activation function, through a Dense layer and in training."""

import keras
from keras import layers

from .case import normal

SKIPPED = {"deserialize", "get", "serialize"}
OTHERS = {"swish", "hard_swish", "glu", "threshold"}  # second names; need arguments or other shapes


def cases():
    names = [n for n in dir(keras.activations) if n[0].islower() and n not in SKIPPED | OTHERS]
    for seed, name in enumerate(sorted(names)):
        keras.utils.set_random_seed(seed)
        model = keras.Sequential([keras.Input((5,)), layers.Dense(4, activation=name), layers.Dense(1)])
        model.compile("sgd", "mse")
        yield name, model, {"y": normal((12, 1), seed)}
