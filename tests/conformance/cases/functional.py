"""Graphs: shared and nested layers, several inputs and outputs, frozen parts."""

import keras
import numpy as np
from keras import layers

from .case import normal


def dense(units, **arguments):
    return layers.Dense(units, **arguments)


def shared():
    a, b, layer = keras.Input((4,)), keras.Input((4,)), dense(3, activation="tanh")
    return keras.Model([a, b], dense(1)(layers.Concatenate()([layer(a), layer(b), layer(a)]))), 1


def nested():
    inner = keras.Sequential([keras.Input((4,)), dense(5, activation="relu"), layers.BatchNormalization()])
    i = keras.Input((5,))
    second = keras.Model(i, [dense(2)(i), dense(3)(i)])
    x = keras.Input((4,))
    left, right = second(inner(x))
    return keras.Model(x, dense(1)(layers.Concatenate()([left, right]))), 1


def ends_in_nested():
    i = keras.Input((4,))
    inner = keras.Model(i, dense(2)(i))
    x = keras.Input((4,))
    return keras.Model(x, inner(inner_input(x))), 2


def inner_input(x):
    return dense(4, activation="relu")(x)


def frozen():
    x = keras.Input((4,))
    norm = layers.BatchNormalization()
    norm.trainable = False
    fixed = dense(4)
    fixed.trainable = False
    return keras.Model(x, dense(1)(fixed(norm(x)))), 1


def unfrozen():
    """A Sequential's own `trainable` is not what counts."""
    x = keras.Input((4,))
    chain = keras.Sequential([dense(3), layers.BatchNormalization(momentum=0.5)], trainable=False)
    return keras.Model(x, dense(1)(chain(x))), 1


def two_outputs():
    x = keras.Input((4,))
    h = dense(5, activation="relu")(x)
    return keras.Model(x, [dense(1, name="price")(h), dense(1, activation="sigmoid", name="sold")(h)]), None


def training_argument():
    x = keras.Input((4,))
    return keras.Model(x, dense(1)(layers.BatchNormalization()(x, training=False))), 1


def operators():
    x, y = keras.Input((3, 4)), keras.Input((3, 4))
    a = 2.0 - x / 3.0 + abs(y) * x
    b = keras.ops.matmul(a, keras.ops.transpose(y, (0, 2, 1)))
    c = keras.ops.concatenate([b[:, :, 0], b[:, 1], a[:, -1, 1:3]], axis=-1)
    d = keras.ops.where(c > 0.1, keras.ops.exp(-c), keras.ops.sqrt(keras.ops.square(c) + 1.0))
    return keras.Model([x, y], dense(1)(d + keras.ops.mean(d, axis=-1, keepdims=True))), 1


def slices():
    x = keras.Input((4, 5, 2))
    a = keras.ops.squeeze(keras.ops.expand_dims(x[..., 0], 1), 1)
    b = x[:, 1:-1, ::1, 1]
    c = keras.ops.reshape(keras.ops.clip(b, -1.0, 0.5), (-1, 10))
    return keras.Model(x, dense(1)(keras.ops.maximum(c, 0.0) + keras.ops.max(a, axis=(1, 2), keepdims=True)[:, 0])), 1


def sequences():
    """Of any length, as texts are."""
    x = keras.Input((None,), dtype="int32")
    h = layers.Bidirectional(layers.GRU(3, return_sequences=True))(layers.Embedding(9, 4, mask_zero=True)(x))
    return keras.Model(x, layers.TimeDistributed(dense(2))(h)), np.random.default_rng(2).integers(0, 9, (12, 7))


def series():
    x = keras.Input((None, 4))
    h = layers.MaxPooling1D(2)(layers.Conv1D(6, 3, padding="same", activation="relu")(x))
    h = layers.Add()([h, layers.MultiHeadAttention(2, 3)(h, h, use_causal_mask=True)])
    h = layers.LSTM(3, activation="elu")(layers.LayerNormalization()(h))
    return keras.Model(x, dense(2)(h)), normal((12, 9, 4), 3)


def pictures():
    x = keras.Input((None, None, 3))
    h = layers.BatchNormalization()(layers.Conv2D(4, 3, strides=2, activation="relu")(x))
    h = layers.UpSampling2D(2)(layers.DepthwiseConv2D(3, padding="same")(h))
    return keras.Model(x, dense(2)(layers.GlobalAveragePooling2D()(h))), normal((12, 11, 9, 3), 4)


def cases():
    for i, make in enumerate((sequences, series, pictures)):
        keras.utils.set_random_seed(20 + i)
        model, x = make()
        model.compile(keras.optimizers.SGD(0.1), "mse")
        shape = tuple(n or 7 for n in model.output_shape[1:])
        yield f"unknown_{make.__name__}", model, {"x": x, "y": normal((12, *shape), i)}
    for i, make in enumerate((shared, nested, ends_in_nested, frozen, training_argument, operators, slices, unfrozen)):
        keras.utils.set_random_seed(i)
        model, width = make()
        model.compile(keras.optimizers.RMSprop(0.01), "mse", metrics=["mae"])
        yield make.__name__, model, {"y": normal((12, width), i)}
    sold = np.random.default_rng(0).integers(0, 2, (12, 1)).astype("float32")
    for name, arguments in {
        "outputs_by_name": dict(loss={"price": "mse", "sold": "binary_crossentropy"},
                                loss_weights={"price": 0.5, "sold": 2.0}, metrics={"sold": ["accuracy"]}),
        "outputs_by_list": dict(loss=["mae", "binary_crossentropy"], metrics=[["mse"], ["accuracy"]]),
    }.items():
        keras.utils.set_random_seed(9)
        model, _ = two_outputs()
        model.compile("adam", **arguments)
        yield name, model, {"y": [normal((12, 1), 5), sold]}
