"""Models after Keras' quantize("int8"). What differs beyond rounding: where a sum of floats before a layer was taken in
another order, an input may lie on the other side of a quantization step, which moves an output by up to one step (1/127 of
the row's largest) times a weight. So the first layers' inputs are the case's own, and later ones are followed with the
tolerance of such a step; the same holds for training."""

import keras
import numpy as np
from keras import layers

from .case import normal

STEPS, WORDS = 6, 9


def chain(shape, *inner):
    return keras.Sequential([keras.Input(shape), *inner])


def language(**arguments):
    x = keras.Input((STEPS,), dtype="int32")
    embedding = layers.ReversibleEmbedding(WORDS, 4, **arguments)
    return keras.Model(x, embedding(embedding(x), reverse=True))


def attention():
    x = keras.Input((STEPS, 8))
    return keras.Model(x, layers.MultiHeadAttention(2, 4)(x, x))


def cases():
    weights_only = keras.quantizers.Int8QuantizationConfig(activation_quantizer=None)
    narrow = keras.quantizers.Int8QuantizationConfig(
        activation_quantizer=keras.quantizers.AbsMaxQuantizer(value_range=(-31, 31), epsilon=1e-3))
    dense = {"kernel_initializer": "glorot_normal", "bias_initializer": "normal"}
    models = {
        "dense": (chain((30,), layers.Dense(7, activation="relu", **dense)), None),
        "dense_wide": (chain((70,), layers.Dense(133, activation="tanh", **dense)), None),
        "dense_no_bias": (chain((5, 9), layers.Dense(4, use_bias=False)), None),
        "deep": (chain((20,), layers.Dense(16, activation="relu", **dense), layers.Dense(8, activation="gelu", **dense),
                       layers.Dense(3, activation="softmax")), None),
        "weights_only": (chain((20,), layers.Dense(16, activation="relu"), layers.Dense(3)), weights_only),
        "other_range": (chain((20,), layers.Dense(5)), narrow),
        "einsum": (chain((STEPS, 8), layers.EinsumDense("abc,cde->abde", (STEPS, 2, 3), bias_axes="de",
                                                        bias_initializer="normal")), None),
        "einsum_two_summed": (chain((STEPS, 2, 3), layers.EinsumDense("abcd,cde->abe", (STEPS, 4), activation="relu",
                                                                      bias_axes="e")), None),
        "embedding": (keras.Sequential([keras.Input((STEPS,), dtype="int32"), layers.Embedding(WORDS, 4)]), None),
        "language_tied": (language(), None),
        "language_untied": (language(tie_weights=False), None),
        "attention": (attention(), None),
        "convolution_stays": (chain((6, 6, 2), layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(2)), None),
    }
    for i, (name, (model, config)) in enumerate(models.items()):
        keras.utils.set_random_seed(i)
        model.quantize("int8") if config is None else model.quantize(config=config)
        case = {"rtol": 1e-3, "atol": 2e-3}
        if model.inputs[0].dtype == "int32":
            case["x"] = np.random.default_rng(i).integers(0, WORDS, (12, STEPS)).astype("int32")
        if name in ("dense", "dense_wide"):  # one layer of the case's own inputs
            case |= {"rtol": 1e-5, "atol": 1e-5}
        if name in ("dense", "deep", "einsum"):
            model.compile(keras.optimizers.SGD(0.05), "mse")
            case["y"] = normal((12, *model.outputs[0].shape[1:]), i + 50)
        yield name, model, case
