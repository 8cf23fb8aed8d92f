"""The policy mixed_bfloat16 against the real Keras: its files load here and ours there, predictions and losses
agree as far as bfloat16 goes, and training follows float32's."""

import os
import pathlib
import tempfile
import unittest

os.environ["KERAS_BACKEND"] = "jax"

from support import keras, np  # noqa: E402

import keras as real  # noqa: E402

rng = np.random.default_rng(11)


def dense(k):
    return [k.Input((20,)), k.layers.Dense(64, activation="relu"), k.layers.BatchNormalization(),
            k.layers.Dense(64, activation="gelu"), k.layers.Dense(4, dtype="float32")]


def images(k):
    return [k.Input((12, 12, 3)), k.layers.Conv2D(16, 3, activation="relu"),
            k.layers.Conv2D(16, 3, padding="same", strides=2), k.layers.DepthwiseConv2D(3),
            k.layers.Flatten(), k.layers.Dense(4, dtype="float32")]


def steps(k):
    return [k.Input((10, 6)), k.layers.LSTM(16, return_sequences=True), k.layers.GRU(12, return_sequences=True),
            k.layers.EinsumDense("abc,cd->abd", output_shape=(None, 24)),
            k.layers.GlobalAveragePooling1D(), k.layers.Dense(4, dtype="float32")]


def attention(k):
    x = k.Input((16, 24))
    y = k.layers.MultiHeadAttention(2, 12)(x, x)
    y = k.layers.LayerNormalization()(k.layers.Add()([x, y]))
    y = k.layers.GlobalAveragePooling1D()(y)
    return k.Model(x, k.layers.Dense(4, dtype="float32")(y))


KINDS = {"dense": dense, "images": images, "steps": steps, "attention": attention}


def made(k, name, policy="mixed_bfloat16"):
    """Of the real Keras or of ours, under a policy."""
    k.utils.clear_session()
    k.config.set_dtype_policy(policy)
    try:
        model = KINDS[name](k)
        model = k.Sequential(model) if isinstance(model, list) else model
        model.compile(k.optimizers.SGD(0.05, momentum=0.9),
                      k.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model
    finally:
        k.config.set_dtype_policy("float32")


def data(name, rows=128):
    shape = {"dense": (20,), "images": (12, 12, 3), "steps": (10, 6), "attention": (16, 24)}[name]
    x = rng.normal(size=(rows, *shape)).astype("float32")
    flat = x.reshape(rows, -1)
    return x, np.argmax(flat @ rng.normal(size=(flat.shape[1], 4)), axis=1).astype("int32")


def distance(a, b):
    """Relative, as a whole."""
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def policies(model):
    return [layer["config"].get("dtype") for layer in model.get_config()["layers"]]


class Policy(unittest.TestCase):
    def test_files_and_numbers_of_the_real_keras(self):
        for name in KINDS:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = str(pathlib.Path(folder, "model.keras"))
                x, y = data(name)
                theirs = made(real, name)
                theirs.save(path)
                ours = keras.models.load_model(path)
                self.assertEqual(policies(ours), policies(theirs))
                self.assertEqual(ours.get_config().get("dtype"), theirs.get_config().get("dtype"))
                wanted = np.asarray(theirs.predict(x, verbose=0), "float32")
                got = ours.predict(x)
                self.assertEqual(got.dtype, np.float32)
                self.assertLess(distance(got, wanted), 1e-2)
                self.assertGreater(distance(got, made_full(theirs, name).predict(x, verbose=0)), 1e-5)

                fit = dict(batch_size=32, epochs=6, shuffle=False, verbose=0)
                wanted, got = (model.fit(x, y, **fit).history["loss"] for model in (theirs, ours))
                np.testing.assert_allclose(got, wanted, rtol=3e-2, atol=3e-3)

                ours.save(path)
                back = real.models.load_model(path)
                self.assertEqual(policies(back), policies(theirs))
                self.assertLess(distance(back.predict(x, verbose=0), ours.predict(x)), 1e-2)

    def test_training_follows_float32(self):
        for name in KINDS:
            with self.subTest(name):
                x, y = data(name, 256)
                losses = []
                for policy in ("float32", "mixed_bfloat16"):
                    keras.utils.set_random_seed(2)
                    model = made(keras, name, policy)
                    losses.append(model.fit(x, y, batch_size=32, epochs=25, verbose=0).history["loss"])
                full, mixed = np.array(losses)
                self.assertLess(full[-1], 0.95 * full[0])
                self.assertTrue((full != mixed).any())
                np.testing.assert_allclose(mixed, full, rtol=5e-2, atol=2e-2)

    def test_the_policy_is_of_layers_made_without_one(self):
        self.assertEqual(keras.config.dtype_policy().name, "float32")
        model = made(keras, "dense")
        names = [p["config"]["name"] for p in policies(model)[1:]]
        self.assertEqual(names, ["mixed_bfloat16"] * 3 + ["float32"])
        self.assertEqual(keras.layers.Dense(2).get_config()["dtype"]["config"]["name"], "float32")
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            policy = keras.config.dtype_policy()
            self.assertEqual((policy.compute_dtype, policy.variable_dtype), ("bfloat16", "float32"))
        finally:
            keras.config.set_dtype_policy("float32")

    def test_what_is_not_supported(self):
        for name in ("mixed_float16", "float16", "bfloat16"):
            with self.assertRaisesRegex(keras.UnsupportedError, name):
                keras.config.set_dtype_policy(name)
        with self.assertRaisesRegex(keras.InvalidArgumentError, "mixed_bfloat17"):
            keras.config.set_dtype_policy("mixed_bfloat17")
        self.assertEqual(keras.config.dtype_policy().name, "float32")


def made_full(model, name):
    """The same weights under float32."""
    full = made(real, name, "float32")
    full.set_weights(model.get_weights())
    return full


if __name__ == "__main__":
    unittest.main()
