"""Arrays over files, of other dtypes than the model's: the numbers of the whole array converted, in flat memory."""

import pathlib
import tempfile
import unittest

import numpy as np

from support import keras, rng

ROWS, WIDTH = 8192, 4096


def model_of(width):
    keras.utils.clear_session()
    keras.utils.set_random_seed(4)
    model = keras.Sequential([keras.Input((width,)), keras.layers.Rescaling(1 / 255),
                              keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def anonymous():
    """Bytes of memory of this process that are not pages of files."""
    text = pathlib.Path("/proc/self/status").read_text()
    return int(text.split("RssAnon:")[1].split()[0]) * 1024


class Peak(keras.callbacks.Callback):
    """Most memory that any batch saw."""

    def __init__(self):
        super().__init__()
        self.most = self.batches = 0

    def look(self, batch, logs=None):
        self.batches += 1
        self.most = max(self.most, anonymous())

    on_train_batch_end = on_test_batch_end = on_predict_batch_end = look


class Mapped(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "x.npy")

    def test_same_numbers(self):
        x = rng.integers(0, 256, size=(250, 20))
        y = (x[:, 0] > 100).astype("int32")
        weight = rng.uniform(size=250).astype("float32")
        options = {"epochs": 3, "batch_size": 32, "verbose": 0}
        for dtype in ("uint8", "int32", "int64", "float64"):
            np.save(self.path, x.astype(dtype))
            for shuffle in (True, False):
                for more in ({"validation_split": 0.2}, {"class_weight": {0: 0.5, 1: 2.0}},
                             {"sample_weight": weight}):
                    seen = []
                    for data, target, given in (
                            (keras.utils.open_npy(self.path), y.astype(dtype if dtype != "float64" else "int64"),
                             {k: v.astype("float64") if k == "sample_weight" else v for k, v in more.items()}),
                            (x.astype("float32"), y, more)):
                        model = model_of(20)
                        history = model.fit(data, target, shuffle=shuffle, **options, **given).history
                        seen.append((history, model.weights_hash(), model.evaluate(data, target, verbose=0),
                                     model.predict(data, batch_size=48, verbose=0).tolist()))
                    self.assertEqual(seen[0], seen[1], (dtype, shuffle, more.keys()))

    def test_memory_is_that_of_batches(self):
        for dtype in (np.uint8, np.float64):
            rows = ROWS if dtype == np.uint8 else ROWS // 2
            x = np.lib.format.open_memmap(self.path, "w+", dtype, (rows, WIDTH))
            for begin in range(0, rows, 512):
                x[begin:begin + 512] = rng.integers(0, 256, size=(512, WIDTH), dtype=np.uint8)
            y = (np.arange(rows) % 2).astype("uint8")
            del x
            x = keras.utils.open_npy(self.path)
            whole = rows * WIDTH * 4  # as float32
            for shuffle in (True, False):
                model = model_of(WIDTH)
                for work in (lambda peak: model.fit(x, y, batch_size=64, validation_split=0.25, shuffle=shuffle,
                                                    verbose=0, callbacks=[peak]),
                             lambda peak: model.evaluate(x, y, batch_size=64, verbose=0, callbacks=[peak]),
                             lambda peak: model.predict(x, batch_size=64, verbose=0, callbacks=[peak])):
                    work(Peak())  # makes plans
                    peak, before = Peak(), anonymous()
                    work(peak)
                    self.assertGreaterEqual(peak.batches, rows // 64)
                    self.assertLess(peak.most - before, whole // 8, dtype)
            del x


if __name__ == "__main__":
    unittest.main()
