"""RematScope: the same training, with less kept; scopes within scopes."""

import unittest

from support import keras, np

rng = np.random.default_rng(5)
x, y = rng.normal(size=(64, 12)).astype("float32"), rng.integers(0, 2, (64, 1))


def trained(scope):
    keras.utils.set_random_seed(2)
    keras.utils.clear_session()
    with scope:
        model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(16, activation="mish"),
                                  keras.layers.Dropout(0.2), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    losses = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    return losses, model.get_weights()


class Remat(unittest.TestCase):
    def test_every_mode_trains_the_same(self):
        losses, weights = trained(keras.RematScope(None))
        for scope in (keras.RematScope(), keras.RematScope("activations"), keras.RematScope("larger_than", 8),
                      keras.RematScope("list_of_layers", layer_names=["dense", "dropout"])):
            got_losses, got_weights = trained(scope)
            np.testing.assert_allclose(got_losses, losses, rtol=1e-6)
            for got, wanted in zip(got_weights, weights):
                np.testing.assert_allclose(got, wanted, atol=1e-6)

    def test_errors(self):
        with self.assertRaisesRegex(keras.InvalidArgumentError, "'half'.*expected none, full"):
            with keras.RematScope("half"):
                pass
        with keras.RematScope("full"):  # the failed scope left nothing behind
            with keras.RematScope("activations"):
                keras.layers.Dense(2)


if __name__ == "__main__":
    unittest.main()
