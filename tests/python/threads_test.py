"""Threads: calls run beside each other, one model predicts in many, misuse is an error."""

import threading
import time
import unittest

from support import features, keras, labels, np, small


def together(count, function):
    """function(index) in threads; what each returned, or the exception it raised."""
    results = [None] * count

    def run(index):
        try:
            results[index] = function(index)
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Threads(unittest.TestCase):
    def test_one_model_predicts_in_many(self):
        model, x = small(), features(500)
        expected = model.predict(x, verbose=0)
        for results in together(6, lambda _: [model.predict(x, verbose=0) for _ in range(30)]):
            for result in results:
                np.testing.assert_array_equal(result, expected)

    def test_models_of_their_own(self):
        x = features(200)
        y = labels(x)

        def run(index):
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"),
                                      keras.layers.Dense(1, activation="sigmoid")])
            model.compile("adam", lambda t, p: keras.ops.mean(keras.ops.square(t - p), axis=-1))
            return model.fit(x, y, epochs=20, verbose=0).history["loss"]

        for result in together(5, run):
            self.assertIsInstance(result, list, result)
            self.assertLess(result[-1], result[0])

    def test_training_lets_other_threads_run(self):
        x = features(4000)
        model = small()
        ticks, done = [], threading.Event()

        def tick():
            while not done.is_set():
                ticks.append(None)
                time.sleep(0.001)

        thread = threading.Thread(target=tick)
        thread.start()
        start = time.monotonic()
        model.fit(x, labels(x), batch_size=1, epochs=400, verbose=0)
        took = time.monotonic() - start
        done.set()
        thread.join()
        self.assertGreater(took, 0.1, "too short to say anything")
        self.assertGreater(len(ticks), took * 100)

    def test_training_one_model_twice_is_an_error(self):
        x = features(2000)
        y = labels(x)
        model = small()
        results = together(4, lambda _: model.fit(x, y, batch_size=1, epochs=200, verbose=0))
        refused = [r for r in results if isinstance(r, RuntimeError)]
        trained = [r for r in results if isinstance(r, keras.callbacks.History)]
        self.assertEqual(len(refused) + len(trained), 4, results)
        self.assertGreaterEqual(len(trained), 1)
        self.assertGreaterEqual(len(refused), 1)
        self.assertIn("another thread", str(refused[0]))


if __name__ == "__main__":
    unittest.main()
