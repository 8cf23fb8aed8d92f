"""Weights in NumPy's and safetensors' forms, beside those libraries' own readers; arrays in files."""

import os
import tempfile
import unittest

import safetensors.numpy
from support import features, keras, labels, np, small


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def same(self, read, model):
        self.assertEqual(sorted(read), sorted(w.path for w in model.weights))
        for weight in model.weights:
            np.testing.assert_array_equal(read[weight.path], weight.numpy())
            self.assertEqual(read[weight.path].dtype, np.float32)

    def changed(self, model):
        return {w.path: w.numpy() + np.float32(1) for w in model.weights}

    def test_npz(self):
        model, path = small(), self.path("w.npz")
        model.save_weights(path)
        self.same(dict(np.load(path)), model)
        for save in (np.savez, np.savez_compressed):
            wanted = self.changed(model)
            save(path, **wanted)
            model.load_weights(path)
            self.same(wanted, model)

    def test_safetensors(self):
        model, path = small(), self.path("w.safetensors")
        model.save_weights(path)
        self.same(safetensors.numpy.load_file(path), model)
        wanted = self.changed(model)
        safetensors.numpy.save_file(wanted, path, metadata={"format": "np"})
        model.load_weights(path)
        self.same(wanted, model)

    def test_loading_while_it_trains(self):
        path, x = self.path("w.npz"), features()
        before = small()
        before.save_weights(path)
        load = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: model.load_weights(path))
        model = small()
        model.fit(x, labels(x), verbose=0, callbacks=[load])
        self.assertEqual(model.weights_hash(), before.weights_hash())

    def test_wrong_files(self):
        model = small()
        before = model.weights_hash()
        wanted = self.changed(model)
        for name, change in {"missing": lambda w: w.pop("dense/bias"),
                             "more": lambda w: w.update(more=np.zeros(1, "float32")),
                             "shape": lambda w: w.update({"dense/bias": np.zeros(3, "float32")})}.items():
            tensors = dict(wanted)
            change(tensors)
            np.savez(self.path("w.npz"), **tensors)
            safetensors.numpy.save_file(tensors, self.path("w.safetensors"))
            for file in ("w.npz", "w.safetensors"):
                with self.assertRaisesRegex(ValueError, "more" if name == "more" else "dense/bias"):
                    model.load_weights(self.path(file))
        np.savez(self.path("w.npz"), **{**wanted, "dense/bias": np.array([None])})
        with self.assertRaisesRegex(NotImplementedError, "objects"):
            model.load_weights(self.path("w.npz"))
        with self.assertRaisesRegex(ValueError, "safetensors"):
            model.save_weights(self.path("w.bin"))
        self.assertEqual(model.weights_hash(), before)

    def test_arrays(self):
        for array in (features(), np.arange(5), np.float64(3), np.zeros((0, 2), "uint8"),
                      np.array([True, False])):
            np.save(self.path("a.npy"), array)
            read = keras.utils.open_npy(self.path("a.npy"))
            self.assertEqual((read.dtype, read.shape), (array.dtype, np.shape(array)))
            np.testing.assert_array_equal(read, array)
            keras.utils.save_npy(self.path("b.npy"), array)
            np.testing.assert_array_equal(np.load(self.path("b.npy")), array)
            with open(self.path("a.npy"), "rb") as a, open(self.path("b.npy"), "rb") as b:
                self.assertEqual(a.read(), b.read())

    def test_training_from_a_map_is_training_from_memory(self):
        x = features(300)
        np.save(self.path("x.npy"), x)
        hashes = set()
        for data in (x, keras.utils.open_npy(self.path("x.npy")),
                     np.load(self.path("x.npy"), mmap_mode="r")):
            model = small()
            model.fit(data, labels(x), epochs=2, verbose=0)
            hashes.add(model.weights_hash())
        self.assertEqual(len(hashes), 1)

    def test_a_map_takes_no_memory(self):
        rows = 400_000
        whole = np.lib.format.open_memmap(self.path("big.npy"), "w+", "float32", (rows, 64))
        del whole
        data = keras.utils.open_npy(self.path("big.npy"))
        before = private()
        small(64).evaluate(data[:64000], np.zeros(64000, "float32"), batch_size=1000, verbose=0)
        small(64).fit(data, np.zeros(rows, "float32"), batch_size=10000, verbose=0)
        self.assertLess(private() - before, rows * 64 * 4 // 4)


def private():
    """Memory of this process that no file stands behind, bytes."""
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("RssAnon")) * 1024


if __name__ == "__main__":
    unittest.main()
