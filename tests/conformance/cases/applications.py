"""The smallest of keras.applications, and a layer that only these have; ../applications.py plays all of them."""

import keras
from keras.src.applications.convnext import LayerScale

from .case import normal


def cases():
    keras.backend.clear_session()
    yield "mobilenet", keras.applications.MobileNet(
        weights=None, input_shape=(32, 32, 3), alpha=0.25, classes=5), {"rows": 3}
    model = keras.Sequential([keras.Input((4, 3)), LayerScale(0.5, 3)])
    model.compile("sgd", "mse")
    yield "layer_scale", model, {"y": normal((12, 4, 3), 1)}
