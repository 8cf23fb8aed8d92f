"""Writes tests/data/legacy: whole models and weights as Keras 2 saved them, and what they predict.

    python3 tests/io/make_legacy.py

Needs tf_keras, which is Keras 2.
"""

import json
import pathlib

import numpy as np
import tf_keras as keras

FOLDER = pathlib.Path(__file__).parents[1] / "data/legacy"
layers = keras.layers


def mlp():
    return keras.Sequential([
        layers.Dense(4, activation="relu", input_shape=(3,)), layers.BatchNormalization(), layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid", kernel_regularizer="l2"),
    ])


def residual():
    inputs = keras.Input((6, 6, 2))
    x = layers.Conv2D(3, 3, padding="same")(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = layers.Add()([x, layers.Conv2D(3, 1)(inputs)])
    inner = keras.Sequential([layers.Dense(4, activation="tanh", input_shape=(3,)), layers.Dense(3)], name="inner")
    x = inner(inner(layers.GlobalAveragePooling2D()(x)))
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))


def main():
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(1)
    expected = {}
    for name, model, loss in (("mlp", mlp(), "binary_crossentropy"), ("residual", residual(), "mse")):
        x = random.normal(size=(8, *model.input_shape[1:])).astype("float32")
        y = random.integers(0, 2, (8, model.output_shape[-1])).astype("float32")
        model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
        model.fit(x, y, epochs=2, verbose=0)
        model.save(FOLDER / f"{name}.h5")
        model.save_weights(str(FOLDER / f"{name}_weights.h5"))
        expected[name] = {"shape": list(x.shape), "x": x.ravel().tolist(),
                          "y": model.predict(x, verbose=0).ravel().tolist(),
                          "evaluate": model.evaluate(x, y, verbose=0)[0], "targets": y.ravel().tolist()}
    (FOLDER / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
