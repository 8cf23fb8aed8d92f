"""Memory is flat over 1,000 small models, made, trained and dropped."""

import gc
import unittest

from support import features, keras, labels, rss, small


class Quiet(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["seen"] = epoch


class Memory(unittest.TestCase):
    def test_small_models(self):
        x = features()
        y = labels(x)

        def run(count):
            for _ in range(count):
                model = small()
                model.fit(x, y, verbose=0, callbacks=[Quiet()])
                model.predict(x, verbose=0)
                model.get_weights()
            gc.collect()

        run(1000)
        before = rss()
        run(1000)
        grown = rss() - before
        self.assertLess(grown, 1_500_000, f"{grown} bytes more after 1,000 models")

    def test_errors(self):
        def run(count):
            for _ in range(count):
                with self.assertRaises(ValueError):
                    keras.layers.Dense(-1)
                with self.assertRaises(ValueError):
                    small().predict(features(3, 9), verbose=0)

        run(1000)
        before = rss()
        run(1000)
        self.assertLess(rss() - before, 1_500_000)


if __name__ == "__main__":
    unittest.main()
