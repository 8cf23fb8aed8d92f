"""Layers with rarer arguments, trained by themselves: the loss is of what they give."""

import keras
from keras import layers
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from .case import normal

LAYERS = [
    ("simple_rnn_activity", layers.SimpleRNN, dict(units=3, activity_regularizer="l2", return_sequences=True), (4, 2)),
    ("discretization_int", layers.Discretization, dict(bin_boundaries=[-1.0, 0.3]), (3,)),
    ("discretization_count", layers.Discretization, dict(bin_boundaries=[-1.0, 0.3], output_mode="count"), (3,)),
]


def cases():
    for seed, (name, make, arguments, shape) in enumerate(LAYERS):
        keras.utils.set_random_seed(seed)
        inputs = keras.Input(shape)
        model = keras.Model(inputs, make(**arguments)(inputs))
        model.compile(keras.optimizers.SGD(0.05), "mse")
        yield name, model, {"x": normal((12, *shape), seed), "y": normal((12, *model.output.shape[1:]), seed + 9)}
    inputs = [keras.Input((3,)), keras.Input((3,))]
    model = keras.Model(inputs, CustomScaleLayer(0.3)(inputs))
    yield "custom_scale_layer", model, {}
