"""Masks: made, handed on, put together, heeded by layers, losses and metrics."""

import keras
import numpy as np
from keras import layers

from .case import normal

STEPS, WIDTH = 5, 3


def steps():
    return keras.Input((STEPS, WIDTH))


def dense(units, **arguments):
    return layers.Dense(units, **arguments)


def merged(layer, second_masked=True):
    a, b = steps(), steps()
    left = layers.Masking()(a)
    right = layers.Masking()(b) if second_masked else b
    return keras.Model([a, b], dense(2)(layer([left, right])))


def chain(*inner, last=2):
    return keras.Sequential([steps(), layers.Masking(), *inner, dense(last)])


def stopped():
    return chain(dense(4), layers.Reshape((STEPS, 2, 2)))


def averaged():
    return keras.Sequential([steps(), layers.Masking(0.5), dense(4), layers.GlobalAveragePooling1D(), dense(2)])


def given():
    x, mask = steps(), keras.Input((STEPS,), dtype="int32")
    return keras.Model([x, mask], dense(2)(layers.GlobalAveragePooling1D()(x, mask=mask)))


def nested():
    inner = keras.Sequential([keras.Input((STEPS, WIDTH)), layers.Masking(), dense(4)])
    x = steps()
    return keras.Model(x, dense(2)(layers.LayerNormalization()(inner(x))))


def branches():
    x = steps()
    masked = layers.Masking()(x)
    return keras.Model(x, [dense(2, name="with")(masked), dense(2, name="without")(x)])


def inputs(model, seed):
    arrays = []
    for i, tensor in enumerate(model.inputs):
        if tensor.dtype == "int32":
            array = np.random.default_rng(seed).integers(0, 2, (12, STEPS)).astype("int32")
            array[:, 0] = 1
        else:
            array = normal((12, STEPS, WIDTH), seed + i)
            array[np.random.default_rng(seed + i).random((12, STEPS)) < 0.4] = 0.0
            array[0, 1], array[1, 2] = 0.5, [0.0, 1.0, 0.0]
            array[:, 0, 0] = 1.0
        arrays.append(array)
    return arrays


def cases():
    models = {
        "chain": chain(dense(4, activation="relu"), layers.Dropout(0.0), layers.Activation("tanh")),
        "batch_normalization": chain(layers.BatchNormalization()),
        "layer_normalization": chain(layers.LayerNormalization(), layers.UnitNormalization()),
        "activations": chain(layers.LeakyReLU(), layers.PReLU(), layers.ELU(), layers.Identity()),
        "stopped": stopped(), "averaged": averaged(), "given": given(), "nested": nested(), "branches": branches(),
        "add": merged(layers.Add()), "multiply": merged(layers.Multiply()),
        "maximum": merged(layers.Maximum()), "minimum": merged(layers.Minimum()),
        "average_half_masked": merged(layers.Average(), False),
        "multiply_half_masked": merged(layers.Multiply(), False),
        "maximum_half_masked": merged(layers.Maximum(), False),
        "concatenate": merged(layers.Concatenate()),
        "concatenate_half_masked": merged(layers.Concatenate(), False),
        "concatenate_in_time": merged(layers.Concatenate(axis=1)),
    }
    for i, (name, model) in enumerate(models.items()):
        keras.utils.set_random_seed(i)
        several = len(model.outputs) > 1
        metrics = ["mae", keras.metrics.MeanSquaredError()]
        model.compile(keras.optimizers.SGD(0.05), "mse", metrics=[["mae"]] * 2 if several else metrics,
                      weighted_metrics=None if several else ["mse"])
        x = inputs(model, i)
        y = [normal((12, *t.shape[1:]), i + 50) for t in model.outputs]
        yield name, model, {"x": x, "y": y if several else y[0]}
