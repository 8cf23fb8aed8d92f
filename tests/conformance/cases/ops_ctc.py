"""Connectionist temporal classification by keras.ops, of logits [batch, 7, 4]."""

import keras
import numpy as np
from keras import layers, ops

from .case import normal

LABELS = np.array([[1, 2, 3], [2, 2, 1], [1, 1, 1], [3, 0, 0], [1, 3, 1]], "int32")
COUNTS, TIMES = np.array([3, 2, 1, 1, 0], "int32"), np.array([7, 3, 5, 1, 6], "int32")


def loss():
    keras.utils.set_random_seed(0)
    inputs = [keras.Input((7, 3)), *(keras.Input(shape, dtype="int32") for shape in ((3,), (), ()))]
    x, labels, counts, times = inputs
    losses = [ops.ctc_loss(labels, layers.Dense(4)(x), counts, times),
              ops.ctc_loss(labels - 1, layers.Dense(4)(x), counts, times, mask_index=3)]
    model = keras.Model(inputs, ops.stack(losses, axis=1))
    model.compile("sgd", "mse")
    return model, {"x": [normal((5, 7, 3), 1), LABELS, COUNTS, TIMES], "y": normal((5, 2), 2),
                   "fit": {"epochs": 1, "batch_size": 5}}


def decode():
    x, times = keras.Input((7, 4)), keras.Input((), dtype="int32")
    found = [ops.ctc_decode(x, times), ops.ctc_decode(x, times, merge_repeated=False, mask_index=2),
             *(ops.ctc_decode(x, times, "beam_search", beam_width=width, top_paths=paths, mask_index=blank)
               for width, paths, blank in ((4, 2, 0), (10, 3, 3), (1, 1, 1)))]
    outputs = [output for paths, scores in found for output in (ops.transpose(paths, (1, 0, 2)), scores)]
    return keras.Model([x, times], outputs), {"x": [normal((5, 7, 4), 3), TIMES]}


def cases():
    yield "loss", *loss()
    yield "decode", *decode()
