"""Beside the real Keras, with the same weights and data: the same history, the same files."""

import json
import os
import tempfile
import unittest

os.environ["KERAS_BACKEND"] = "jax"

import keras as real  # noqa: E402
from support import features, keras, labels, np  # noqa: E402


def chain(k):
    k.utils.clear_session()
    return k.Sequential([
        k.Input((8,)),
        k.layers.Dense(10, activation="relu", kernel_regularizer=k.regularizers.L2(1e-3)),
        k.layers.BatchNormalization(),
        k.layers.Dense(5, activation="tanh"),
        k.layers.Dense(1, activation="sigmoid"),
    ])


def graph(k):
    k.utils.clear_session()
    a, b = k.Input((8,), name="a"), k.Input((8,), name="b")
    shared = k.layers.Dense(6, activation="gelu")
    joined = k.layers.Concatenate()([shared(a), shared(b)])
    return k.Model([a, b], [k.layers.Dense(1, activation="sigmoid", name="p")(joined),
                            k.layers.Dense(3, activation="softmax", name="q")(joined)])


class SameNumbers(unittest.TestCase):
    def setUp(self):
        self.x = features(96, 8)
        self.y = labels(self.x)
        self.classes = (np.abs(self.x[:, 0]) * 3).astype("int64") % 3

    def compare(self, make, compiled, fitted, x, y):
        theirs, ours = make(real), make(keras)
        ours.set_weights(theirs.get_weights())
        theirs.compile(**compiled(real))
        ours.compile(**compiled(keras))
        one = theirs.fit(x, y, verbose=0, shuffle=False, **fitted)
        two = ours.fit(x, y, verbose=0, shuffle=False, **fitted)
        self.assertEqual(list(one.history), list(two.history))
        self.assertEqual(one.epoch, two.epoch)
        for key, values in one.history.items():
            np.testing.assert_allclose(two.history[key], values, rtol=1e-5, atol=1e-5, err_msg=key)
        for w, v in zip(theirs.get_weights(), ours.get_weights()):
            np.testing.assert_allclose(v, w, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(theirs.evaluate(x, y, verbose=0), ours.evaluate(x, y, verbose=0),
                                   rtol=1e-5, atol=1e-5)
        return theirs, ours

    def test_chain(self):
        self.compare(chain, lambda k: dict(optimizer="adam", loss="binary_crossentropy",
                                           metrics=["accuracy", k.metrics.AUC(name="auc")]),
                     dict(epochs=4, batch_size=10, validation_split=0.2), self.x, self.y)

    def test_class_weights(self):
        self.compare(chain, lambda k: dict(optimizer=k.optimizers.SGD(0.05, momentum=0.9),
                                           loss=k.losses.BinaryCrossentropy(label_smoothing=0.1),
                                           weighted_metrics=["mae"]),
                     dict(epochs=2, class_weight={0: 1.0, 1: 2.5}), self.x, self.y)

    def test_graph(self):
        self.compare(graph, lambda k: dict(
            optimizer=k.optimizers.AdamW(k.optimizers.schedules.ExponentialDecay(0.01, 5, 0.9)),
            loss={"p": "binary_crossentropy", "q": "sparse_categorical_crossentropy"},
            loss_weights={"p": 1.0, "q": 0.5}, metrics={"q": ["accuracy"]}),
            dict(epochs=3, batch_size=16), {"a": self.x, "b": self.x[::-1].copy()},
            {"p": self.y, "q": self.classes})

    def test_files_both_ways(self):
        theirs, ours = self.compare(chain, lambda k: dict(optimizer="adam", loss="mse"),
                                    dict(epochs=1), self.x, self.y)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "theirs.keras")
            theirs.save(path)
            loaded = keras.models.load_model(path)
            one = loaded.fit(self.x, self.y, verbose=0, shuffle=False).history["loss"]
            path = os.path.join(folder, "ours.keras")
            ours.save(path)
            opened = real.models.load_model(path)
            two = opened.fit(self.x, self.y, verbose=0, shuffle=False).history["loss"]
        np.testing.assert_allclose(one, two, rtol=1e-5)

    def test_classes_read_alike(self):
        """Positional arguments of Keras' layers mean the same here."""
        for name, args in {"Dense": (3, "relu", False), "Dropout": (0.5,), "Reshape": ((2, 4),),
                           "Rescaling": (0.5, 1.0), "Concatenate": (1,), "Activation": ("tanh",),
                           "LayerNormalization": (-1, 1e-2), "BatchNormalization": (-1, 0.9)}.items():
            one = getattr(real.layers, name)(*args).get_config()
            two = getattr(keras.layers, name)(*args).get_config()
            for key in set(one) - {"name", "dtype"}:
                self.assertEqual(json.dumps(one[key]), json.dumps(two.get(key)), (name, key))


if __name__ == "__main__":
    unittest.main()
