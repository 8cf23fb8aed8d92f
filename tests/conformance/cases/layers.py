"""Layers, several combinations of arguments each, within a small trained model."""

import keras
from keras import layers

from .case import normal

# name: (layer, input shape)
LAYERS = {
    "Dense": [(dict(units=3, activation="tanh", kernel_regularizer="l2", bias_constraint="non_neg"), (4,)),
              (dict(units=2, use_bias=False, kernel_constraint="max_norm"), (3, 4)),
              (dict(units=3, kernel_initializer="he_normal", activity_regularizer="l1"), (4,))],
    "Activation": [(dict(activation="gelu"), (4,)), (dict(activation="softmax"), (2, 3))],
    "Dropout": [(dict(rate=0.0), (4,))],
    "Flatten": [(dict(), (2, 3)), (dict(data_format="channels_first"), (2, 3, 2))],
    "Reshape": [(dict(target_shape=(3, 2)), (6,)), (dict(target_shape=(-1, 2)), (2, 6))],
    "Normalization": [(dict(mean=1.5, variance=2.0), (4,)), (dict(mean=[1, 2, 3], variance=[1, 4, 9], axis=-1), (2, 3)),
                      (dict(mean=0.5, variance=2.0, invert=True), (4,))],
    "Rescaling": [(dict(scale=0.5, offset=-1.0), (4,)), (dict(scale=[1.0, 2.0], offset=[0.0, 1.0]), (3, 2))],
    "BatchNormalization": [(dict(), (4,)), (dict(axis=1, momentum=0.8, epsilon=0.01), (3, 2)),
                           (dict(center=False, gamma_regularizer="l2"), (4,)), (dict(scale=False), (2, 4))],
    "LayerNormalization": [(dict(), (4,)), (dict(axis=[1, 2], epsilon=0.01), (3, 2)), (dict(center=False), (3, 4)),
                           (dict(scale=False), (4,))],
}
PIPELINES = [lambda: [layers.Rescaling(0.5, 1.0), layers.Rescaling(2.0)],
             lambda: [layers.Activation("tanh"), layers.Rescaling(2.0, -1.0)]]
MERGES = {"Add": [dict()], "Multiply": [dict()], "Concatenate": [dict(), dict(axis=1)]}


def wrapped(inputs, x):
    if len(x.shape) > 2:
        x = layers.Flatten()(x)
    model = keras.Model(inputs, layers.Dense(1)(x))
    model.compile(keras.optimizers.SGD(0.05), "mse")
    return model


def cases():
    for name, combinations in LAYERS.items():
        for i, (arguments, shape) in enumerate(combinations):
            keras.utils.set_random_seed(i)
            inputs = keras.Input(shape)
            yield f"{name}_{i}", wrapped(inputs, getattr(layers, name)(**arguments)(inputs)), {"y": normal((12, 1), i)}
    for i, make in enumerate(PIPELINES):
        keras.utils.set_random_seed(i)
        inputs = keras.Input((4,))
        yield f"Pipeline_{i}", wrapped(inputs, layers.Pipeline(make())(inputs)), {"y": normal((12, 1), i)}
    for name, combinations in MERGES.items():
        for i, arguments in enumerate(combinations):
            keras.utils.set_random_seed(i)
            inputs = [keras.Input((2, 3)), keras.Input((2, 3))]
            yield f"{name}_{i}", wrapped(inputs, getattr(layers, name)(**arguments)(inputs)), {"y": normal((12, 1), i)}
