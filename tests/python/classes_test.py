"""Generated classes: one for each of the registry, with its signature, defaults and text."""

import inspect
import unittest

from support import keras, np

from keratin._library import lib, parsed

MODULES = {"layers": keras.layers, "losses": keras.losses, "metrics": keras.metrics,
           "optimizers": keras.optimizers, "schedules": keras.optimizers.schedules,
           "initializers": keras.initializers, "regularizers": keras.regularizers,
           "constraints": keras.constraints, "callbacks": keras.callbacks,
           "activations": keras.activations}


class Classes(unittest.TestCase):
    def test_every_class_of_every_kind(self):
        for kind in parsed(lib.kt_registry_kinds):
            for info in parsed(lib.kt_registry_classes, kind.encode()):
                self.assertTrue(hasattr(MODULES[kind], info["name"]), (kind, info["name"]))

    def test_signature_and_text(self):
        signature = inspect.signature(keras.layers.Dense)
        self.assertEqual(list(signature.parameters)[:3], ["units", "activation", "use_bias"])
        self.assertIs(signature.parameters["units"].default, inspect.Parameter.empty)
        self.assertIs(signature.parameters["use_bias"].default, True)
        self.assertEqual(signature.parameters["name"].kind, inspect.Parameter.KEYWORD_ONLY)
        self.assertIn("units", keras.layers.Dense.__doc__)
        self.assertTrue(issubclass(keras.layers.Dense, keras.layers.Layer))

    def test_defaults_agree_with_no_arguments(self):
        """Every default of a signature, given, makes the same configuration as giving none."""
        for kind in ("losses", "optimizers", "regularizers", "constraints", "initializers"):
            for name, cls in vars(MODULES[kind]).items():
                info = getattr(cls, "_info", None)
                if not isinstance(cls, type) or not info or name != info["name"]:
                    continue
                parameters = inspect.signature(cls).parameters.values()
                if any(p.default is p.empty for p in parameters):
                    continue
                given = {p.name: p.default for p in parameters if p.name != "name"}
                # (Names of optimizers are counted.)
                one, two = cls(**given).get_config(), cls().get_config()
                self.assertEqual({**one, "name": ""}, {**two, "name": ""}, name)

    def test_configurations(self):
        adam = keras.optimizers.Adam(0.01, beta_1=0.8)
        self.assertEqual(adam.get_config()["beta_1"], 0.8)
        self.assertAlmostEqual(adam.learning_rate, 0.01)
        self.assertEqual(type(adam).from_config(adam.get_config()).get_config(), adam.get_config())
        layer = keras.layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.5), name="d")
        self.assertEqual(layer.units, 3)
        self.assertEqual(layer.get_config()["kernel_regularizer"]["config"], {"l2": 0.5})
        again = keras.layers.Dense.from_config(layer.get_config())
        self.assertEqual(again.get_config(), layer.get_config())

    def test_get(self):
        self.assertIsInstance(keras.losses.get("mse"), keras.losses.MeanSquaredError)
        self.assertIsInstance(keras.optimizers.get("adam"), keras.optimizers.Adam)
        self.assertIs(keras.activations.get("relu"), keras.activations.relu)
        with self.assertRaisesRegex(ValueError, "nothing_such"):
            keras.losses.get("nothing_such")

    def test_activations(self):
        x = np.array([[-1.0, 2.0]], "float32")
        np.testing.assert_allclose(keras.activations.relu(x, negative_slope=0.5), [[-0.5, 2.0]])
        layer = keras.layers.Dense(2, activation=keras.activations.tanh)
        self.assertEqual(layer.get_config()["activation"], "tanh")

    def test_the_librarys_classes_have_no_subclasses(self):
        with self.assertRaisesRegex(TypeError, "Dense"):
            class Wider(keras.layers.Dense):
                pass


if __name__ == "__main__":
    unittest.main()
