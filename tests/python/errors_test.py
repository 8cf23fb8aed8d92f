"""Bad inputs: an exception that Python's users expect, with the library's message."""

import os
import tempfile
import unittest

from support import features, keras, labels, np, small


class Errors(unittest.TestCase):
    def raises(self, exception, pattern, function, *args, **kwargs):
        with self.assertRaisesRegex(exception, pattern) as caught:
            function(*args, **kwargs)
        return caught.exception

    def test_arguments(self):
        self.raises(ValueError, r"Dense\.units.*-1", keras.layers.Dense, -1)
        self.raises(TypeError, "Dense.*units", keras.layers.Dense)
        self.raises(TypeError, "Dense.*'unit'", keras.layers.Dense, 3, unit=3)
        self.raises(ValueError, "nope", keras.layers.Dense, 3, activation="nope")
        self.raises(ValueError, "reduction", keras.losses.MeanSquaredError, reduction="some")
        self.raises(TypeError, "object", keras.layers.Dense, object())
        self.raises(ValueError, "dtype", keras.Input, (3,), dtype="float31")
        error = self.raises(keras.KeratinError, "nope", keras.layers.Activation, "nope")
        self.assertEqual(error.code, 2)

    def test_models(self):
        model, x = small(), features()
        self.raises(ValueError, r"\(None, 4\).*\(64, 5\)", model.fit, features(64, 5), labels(x), verbose=0)
        self.raises(ValueError, "63", model.fit, x, labels(x)[1:], verbose=0)
        self.raises(ValueError, "wrong", model.fit, {"wrong": x}, labels(x), verbose=0)
        self.raises(ValueError, "nowhere.*dense", model.get_layer, "nowhere")
        self.raises(RuntimeError, "compile", small(compiled=False).fit, x, labels(x), verbose=0)
        self.raises(ValueError, "weights|expected", model.set_weights, [np.zeros(3)])
        self.raises(ValueError, "verbose", model.fit, x, labels(x), verbose=7)
        self.raises(TypeError, "callbacks", model.fit, x, labels(x), verbose=0, callbacks=[print])
        self.raises(ValueError, "validation_data", model.fit, x, labels(x), validation_data=x, verbose=0)
        self.raises(TypeError, "symbolic", keras.Model, [x], [x])
        self.raises(TypeError, "layers", keras.Sequential, ["Dense"])

    def test_a_failed_call_changes_nothing(self):
        model, x = small(), features()
        before = model.weights_hash()
        self.raises(ValueError, "shape", model.set_weights,
                    [*model.get_weights()[:-1], np.zeros((7,), "float32")])
        self.raises(ValueError, "", model.fit, features(64, 5), labels(x), verbose=0)
        self.assertEqual(model.weights_hash(), before)
        model.fit(x, labels(x), verbose=0)

    def test_files(self):
        self.raises(ValueError, "missing.keras", keras.models.load_model, "/missing.keras")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "broken.keras")
            small().save(path)
            with open(path, "rb") as f:
                whole = f.read()
            with open(path, "wb") as f:
                f.write(whole[:len(whole) // 2])
            self.raises(ValueError, "broken.keras", keras.models.load_model, path)
            self.raises(keras.KeratinError, "nowhere", small().save, os.path.join(folder, "nowhere/m.keras"))
        self.raises(ValueError, "", keras.models.model_from_json, "{")

    def test_symbolic_tensors_have_no_values(self):
        x = keras.Input((3,))
        self.raises(TypeError, "value", bool, x)
        self.raises(TypeError, "value", np.asarray, x)
        self.raises(TypeError, "iterated", list, x)
        self.raises(IndexError, "range", lambda: x[:, 7])
        self.raises(TypeError, "symbolic", keras.ops.exp, 3.0)

    def test_what_python_code_raises_comes_through(self):
        model, x = small(), features()

        class Broken(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                raise KeyError("mine")

        self.raises(KeyError, "mine", model.fit, x, labels(x), verbose=0, callbacks=[Broken()])

        def batches():
            yield x, labels(x)
            raise ZeroDivisionError("in the generator")

        self.raises(ZeroDivisionError, "generator", model.fit, batches(), verbose=0)

        def loss(y_true, y_pred):
            raise LookupError("in the loss")

        model.compile("sgd", loss)
        self.raises(LookupError, "in the loss", model.fit, x, labels(x), verbose=0)
        # and nothing of it stays behind
        model.compile("sgd", "mse")
        model.fit(x, labels(x), verbose=0)
        self.raises(ValueError, "Dense", keras.layers.Dense, -1)


if __name__ == "__main__":
    unittest.main()
