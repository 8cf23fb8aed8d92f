"""Writes models of the workloads' kinds with other shapes, compiled, for compare.py --models: more_shapes.py FOLDER

Needs Keras. Inputs are floats, targets class indices; compare.py takes batches of 32.
"""

import pathlib
import sys

import keras
from keras import layers


def perceptron(width, depth, columns):
    x = inputs = keras.Input((columns,))
    for _ in range(depth):
        x = layers.Dense(width, "relu")(x)
    return keras.Model(inputs, layers.Dense(10)(x))


def pictures(size, channels, filters):
    x = inputs = keras.Input((size, size, channels))
    for width in filters:
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(256, "relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(10)(x))


def residual(size, widths, kernel):
    def conv(x, width, stride=1, kernel=kernel):
        x = layers.Conv2D(width, kernel, stride, "same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    inputs = keras.Input((size, size, 3))
    x = layers.ReLU()(conv(inputs, widths[0]))
    for i, width in enumerate(widths):
        stride = 2 if i else 1
        y = conv(layers.ReLU()(conv(x, width, stride)), width)
        x = layers.ReLU()(layers.Add()([y, conv(x, width, stride, 1)]))
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def sequence(layer, steps, features, units):
    inputs = keras.Input((steps, features))
    return keras.Model(inputs, layers.Dense(10)(getattr(layers, layer)(units)(inputs)))


def transformer(steps, width, heads, inner):
    x = inputs = keras.Input((steps, width))
    for _ in range(2):
        x = layers.LayerNormalization(epsilon=1e-5)(
            layers.Add()([x, layers.MultiHeadAttention(heads, width // heads)(x, x)]))
        y = layers.Dense(width)(layers.Dense(inner, "gelu")(x))
        x = layers.LayerNormalization(epsilon=1e-5)(layers.Add()([x, y]))
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling1D()(x)))


MODELS = {
    "mlp_small": (perceptron, 32, 2, 20),
    "mlp_wide": (perceptron, 1024, 3, 1000),
    "cnn_cifar": (pictures, 32, 3, (32, 64)),
    "cnn_odd": (pictures, 27, 5, (24, 40)),
    "resnet_wide": (residual, 24, (48, 96), 3),
    "lstm_long": (sequence, "LSTM", 200, 16, 64),
    "lstm_wide": (sequence, "LSTM", 50, 100, 256),
    "gru_wide": (sequence, "GRU", 50, 100, 200),
    "transformer_small": (transformer, 64, 128, 8, 512),
    "transformer_long": (transformer, 512, 192, 6, 384),
}

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (make, *shape) in MODELS.items():
        model = make(*shape)
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.save(folder / f"{name}.keras")
