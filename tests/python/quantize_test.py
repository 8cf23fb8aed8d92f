"""quantize("int8"): real Keras opens what it saves and predicts the same, fixed scales come back, digits are still told
apart, and bad arguments are refused."""

import json
import os
import pathlib
import tempfile
import unittest
import zipfile

os.environ["KERAS_BACKEND"] = "jax"

from sklearn.datasets import load_digits  # noqa: E402
from support import features, keras, np, small  # noqa: E402

import keras as real  # noqa: E402

LOSS = "sparse_categorical_crossentropy"


def digits():
    """8 x 8 pictures, 0 to 16: 1,347 to train on and 450 to test, in an order of their own."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    x = data.images[order].astype("float32")[..., None] / 16
    y = data.target[order].astype("int32")
    return x[:1347], y[:1347], x[1347:], y[1347:]


def trained(layers, x, y, epochs):
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    model.compile("adam", LOSS, metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, verbose=0)
    return model


def dense_layers():
    return [keras.layers.Flatten(), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax")]


def conv_layers():
    return [keras.layers.Conv2D(16, 3, activation="relu", padding="same"), keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(32, 3, activation="relu"), keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax")]


class Quantize(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = str(pathlib.Path(folder.name, "model.keras"))

    def copy(self, model):
        model.save(self.path)
        return keras.models.load_model(self.path)

    def test_accuracy_on_digits(self):
        x, y, x_test, y_test = digits()
        for name, layers, epochs in (("dense", dense_layers(), 40), ("convolutions", conv_layers(), 15)):
            model = trained(layers, x, y, epochs)
            before = model.evaluate(x_test, y_test, verbose=0)[1]
            self.assertGreater(before, 0.95)
            dynamic, static, most = self.copy(model), self.copy(model), self.copy(model)
            dynamic.quantize("int8")
            static.quantize("int8", calibration=x[:256])
            most.quantize("int8", calibration=x[:256], percentile=99.9)
            after = [m.evaluate(x_test, y_test, verbose=0)[1] for m in (dynamic, static, most)]
            print(f"digits, {name}: float32 {before:.4f}, dynamic {after[0]:.4f}, static {after[1]:.4f}, "
                  f"99.9 % {after[2]:.4f}")
            for accuracy in after:  # at most 3 of 450 more go wrong
                self.assertGreaterEqual(accuracy, before - 3 / 450 - 1e-6)
            kinds = {w.dtype.name for w in static.get_layer(index=len(static.layers) - 1).get_weights()}
            self.assertEqual(kinds, {"int8", "float32"})

    def assert_near(self, got, wanted):
        # A sum in another order may move an input of a later layer across a step: see cases/quantized.py.
        np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=5e-3)

    def test_opens_in_keras(self):
        def sequence():
            keras.utils.clear_session()
            keras.utils.set_random_seed(2)
            x = keras.Input((6, 8))
            y = keras.layers.MultiHeadAttention(2, 4)(x, x)
            return keras.Model(x, keras.layers.Dense(3)(y))

        def words():
            keras.utils.clear_session()
            keras.utils.set_random_seed(3)
            return keras.Sequential([keras.Input((6,), dtype="int32"), keras.layers.Embedding(20, 8),
                                     keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(3)])

        for make, x in ((small, features()), (sequence, features(10, 48).reshape(10, 6, 8)),
                        (words, np.arange(60).reshape(10, 6) % 20)):
            model = make()
            model.quantize()
            model.save(self.path)
            back = real.models.load_model(self.path)
            self.assert_near(back.predict(x, verbose=0), model.predict(x, verbose=0))
            np.testing.assert_array_equal(keras.models.load_model(self.path).predict(x, verbose=0),
                                          model.predict(x, verbose=0))
            self.assertEqual(sorted(str(w.dtype) for w in back.weights),
                             sorted(str(w.dtype) for layer in [model] for w in layer.get_weights()))

    def test_keras_goes_on_with_what_we_quantized_and_we_with_its_weights(self):
        model = small()
        model.quantize()
        weights = self.path.replace(".keras", ".weights.h5")
        model.save(self.path)
        back = real.models.load_model(self.path)
        x = features()
        back.fit(x, (x.sum(axis=1) > 0).astype("float32"), verbose=0)
        back.save_weights(weights)
        model.load_weights(weights)
        self.assert_near(model.predict(x, verbose=0), back.predict(x, verbose=0))

    def test_fixed_scales_are_kept_and_keras_takes_its_own(self):
        x = features()
        model = small()
        model.quantize(calibration=x)
        predicted = model.predict(x, verbose=0)
        model.save(self.path)
        np.testing.assert_array_equal(keras.models.load_model(self.path).predict(x, verbose=0), predicted)
        back = real.models.load_model(self.path)
        np.testing.assert_allclose(back.predict(x, verbose=0), predicted, atol=0.02)
        beyond = 4 * x  # what the calibration has not seen is cut off
        dynamic = small()
        dynamic.quantize()
        self.assertGreater(np.abs(model.predict(beyond, verbose=0) - dynamic.predict(beyond, verbose=0)).max(), 0.02)

    def test_quantized_convolutions_open_here_alone(self):
        x, y, x_test, _ = digits()
        model = trained(conv_layers(), x, y, 1)
        model.quantize(calibration=x[:64])
        predicted = model.predict(x_test, verbose=0)
        np.testing.assert_array_equal(self.copy(model).predict(x_test, verbose=0), predicted)
        with self.assertRaisesRegex(ValueError, "expected 2 variables, but received 3"):
            real.models.load_model(self.path)

    def test_the_rest_is_trained(self):
        model, x = small(), features()
        model.quantize()
        kernel, bias = model.get_weight("dense/kernel"), model.get_weight("dense/bias")
        model.fit(x, (x.sum(axis=1) > 0).astype("float32"), epochs=2, verbose=0)
        np.testing.assert_array_equal(model.get_weight("dense/kernel"), kernel)
        self.assertGreater(np.abs(model.get_weight("dense/bias") - bias).max(), 0)

    def test_filters(self):
        for filters in ("_1$", ["_1$"], lambda layer: layer.name.endswith("_1")):
            model = small()
            model.quantize("int8", filters=filters)
            self.assertEqual(model.get_weight("dense/kernel").dtype, np.float32)
            self.assertEqual(model.get_weight("dense_1/kernel").dtype, np.int8)

    def test_refuses(self):
        for mode in ("int4", "float8", "gptq", "awq"):
            with self.assertRaisesRegex(keras.KeratinError, f"{mode}.*not supported"):
                small().quantize(mode)
        with self.assertRaisesRegex(keras.KeratinError, "expected 'int8'"):
            small().quantize("int3")
        model = small()
        model.quantize()
        with self.assertRaisesRegex(keras.KeratinError, "'dense'.*quantized already"):
            model.quantize()
        with self.assertRaisesRegex(keras.KeratinError, "percentile"):
            small().quantize(percentile=0)
        with self.assertRaisesRegex(keras.KeratinError, "finite"):
            small().quantize(calibration=np.full((4, 4), np.nan, "float32"))
        with self.assertRaisesRegex(keras.KeratinError, r"\(None, 4\)|shape"):
            small().quantize(calibration=features(8, 5))
        empty = keras.Sequential([keras.Input((3,)), keras.layers.ReLU()])
        with self.assertRaisesRegex(keras.KeratinError, "no layer that can be quantized"):
            empty.quantize()

    def test_files_of_other_modes_name_the_layer(self):
        for mode in ("int4", "float8"):
            model = real.Sequential([real.Input((4,)), real.layers.Dense(3, name="first")])
            model.quantize(mode)
            model.save(self.path)
            with self.assertRaisesRegex(keras.KeratinError, f"'first'.*{mode}"):
                keras.models.load_model(self.path)

    def test_configurations_that_are_damaged(self):
        model = small()
        model.quantize()
        model.save(self.path)
        with zipfile.ZipFile(self.path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        for old, new in (('"value_range":[-127,127]', '"value_range":[-127]'),
                         ('"value_range":[-127,127]', '"value_range":[-500,127]'),
                         ('"AbsMaxQuantizer"', '"Other"'), ('"Int8QuantizationConfig"', '"GPTQConfig"'),
                         ('"source_name":"float32"', '"source_name":"float16"')):
            config = members["config.json"].decode()
            self.assertIn(old, config)
            with zipfile.ZipFile(self.path, "w") as archive:
                for name, content in members.items():
                    archive.writestr(name, config.replace(old, new) if name == "config.json" else content)
            with self.assertRaisesRegex(keras.KeratinError, "'dense'"):
                keras.models.load_model(self.path)
        json.loads(members["config.json"])


if __name__ == "__main__":
    unittest.main()
