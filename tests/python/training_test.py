"""fit and what belongs to it: data in all forms, callbacks, the progress bar."""

import contextlib
import io
import json
import math
import os
import tempfile
import threading
import time
import unittest

from support import features, keras, labels, np, small


def two_outputs():
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    hidden = keras.layers.Concatenate()([a, b * 2.0])
    first = keras.layers.Dense(1, name="first")(hidden)
    second = keras.layers.Dense(2, name="second", activation="softmax")(hidden)
    model = keras.Model([a, b], [first, second], name="both")
    model.compile("sgd", {"first": "mse", "second": "sparse_categorical_crossentropy"},
                  loss_weights={"first": 0.5, "second": 1.0}, metrics={"first": ["mae"]})
    return model


class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, size, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y, self.size, self.ends = x, y, size, 0

    def __len__(self):
        return math.ceil(len(self.x) / self.size)

    def __getitem__(self, index):
        part = slice(index * self.size, (index + 1) * self.size)
        return self.x[part], self.y[part]

    def on_epoch_end(self):
        self.ends += 1


class Fit(unittest.TestCase):
    def setUp(self):
        self.x = features()
        self.y = labels(self.x)

    def test_history(self):
        model = small()
        history = model.fit(self.x, self.y, epochs=3, batch_size=16, validation_split=0.25, verbose=0)
        self.assertEqual(list(history.history), ["accuracy", "loss", "val_accuracy", "val_loss"])
        self.assertEqual(history.epoch, [0, 1, 2])
        self.assertEqual(history.params, {"verbose": 0, "epochs": 3, "steps": 3})
        self.assertIs(model.history, history)
        self.assertLess(history.history["loss"][-1], history.history["loss"][0])

    def test_same_seed_same_bits(self):
        hashes = set()
        for threads in (1, 2, 3):
            keras.utils.set_num_threads(threads)
            model = small()
            model.fit(self.x, self.y, epochs=2, verbose=0)
            hashes.add(model.weights_hash())
        self.assertEqual(len(hashes), 1)

    def test_inputs_and_outputs_by_name(self):
        a, b = features(20, 3), features(20, 2)
        first, second = features(20, 1), (b[:, 0] > 0).astype("int64")
        by_list = two_outputs()
        one = by_list.fit([a, b], [first, second], verbose=0, epochs=2)
        by_name = two_outputs()
        two = by_name.fit({"b": b, "a": a}, {"second": second, "first": first}, verbose=0, epochs=2)
        self.assertEqual(one.history, two.history)
        self.assertEqual(by_list.weights_hash(), by_name.weights_hash())
        p, q = by_name.predict({"a": a, "b": b}, verbose=0)
        self.assertEqual((p.shape, q.shape), ((20, 1), (20, 2)))
        self.assertEqual([tensor.name for tensor in by_name.outputs], ["first", "second"])

    def test_sample_weights_by_output(self):
        a, b = features(20, 3), features(20, 2)
        y = {"first": features(20, 1), "second": np.zeros(20, "int64")}
        weights = np.linspace(0, 1, 20, dtype="float32")
        by_name = two_outputs().evaluate([a, b], y, sample_weight={"second": weights}, verbose=0)
        by_list = two_outputs().evaluate([a, b], list(y.values()), verbose=0,
                                         sample_weight=[np.ones(20, "float32"), weights])
        self.assertEqual(by_name, by_list)

    def test_class_weight_is_sample_weight(self):
        one = small()
        one.fit(self.x, self.y, class_weight={0: 1.0, 1: 3.0}, verbose=0, epochs=2)
        two = small()
        two.fit(self.x, self.y, sample_weight=np.where(self.y == 1, 3.0, 1.0), verbose=0, epochs=2)
        self.assertEqual(one.weights_hash(), two.weights_hash())

    def test_sequences_and_generators_are_arrays_in_batches(self):
        expected = small()
        expected.fit(self.x, self.y, batch_size=16, epochs=2, shuffle=False, verbose=0)
        by_sequence, sequence = small(), Batches(self.x, self.y, 16)
        by_sequence.fit(sequence, epochs=2, shuffle=False, verbose=0)
        self.assertEqual(by_sequence.weights_hash(), expected.weights_hash())
        self.assertGreaterEqual(sequence.ends, 1)

        def generator():
            while True:
                for index in range(len(sequence)):
                    yield sequence[index]

        by_generator = small()
        by_generator.fit(generator(), steps_per_epoch=4, epochs=2, verbose=0)
        self.assertEqual(by_generator.weights_hash(), expected.weights_hash())
        self.assertEqual(by_generator.evaluate(sequence, verbose=0),
                         by_generator.evaluate(self.x, self.y, batch_size=16, verbose=0))
        np.testing.assert_array_equal(by_generator.predict(sequence),
                                      by_generator.predict(self.x, batch_size=16, verbose=0))
        held = by_generator.fit(sequence, validation_data=sequence, verbose=0, epochs=1)
        self.assertIn("val_loss", held.history)

    def test_prefetched_batches_are_the_same(self):
        expected = small()
        expected.fit(self.x, self.y, batch_size=8, epochs=5, shuffle=False, verbose=0)
        for queue in (1, 3, 100):
            threads = set()

            class Ahead(Batches):
                def __getitem__(self, index):
                    threads.add(threading.get_ident())
                    return super().__getitem__(index)

            source = Ahead(self.x, self.y, 8, workers=2, max_queue_size=queue)
            model = small()
            model.fit(source, epochs=5, shuffle=False, verbose=0)
            self.assertEqual(model.weights_hash(), expected.weights_hash())
            self.assertNotIn(threading.get_ident(), threads)
            self.assertEqual(model.evaluate(source, verbose=0),
                             model.evaluate(self.x, self.y, batch_size=8, verbose=0))

    def test_prefetching_runs_beside_training(self):
        class Slow(Batches):
            def __getitem__(self, index):
                time.sleep(0.02)
                return super().__getitem__(index)

        class Busy(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                time.sleep(0.02)

        took = []
        for workers in (1, 2):
            start = time.monotonic()
            small().fit(Slow(self.x, self.y, 4, workers=workers), verbose=0, callbacks=[Busy()])
            took.append(time.monotonic() - start)
        self.assertGreater(took[0], 0.6)
        self.assertLess(took[1], 0.8 * took[0])

    def test_what_a_prefetched_source_raises(self):
        class Broken(Batches):
            def __getitem__(self, index):
                if index == 2:
                    raise LookupError("the third batch")
                return super().__getitem__(index)

        source = Broken(self.x, self.y, 8, workers=2)
        for _ in range(20):
            with self.assertRaisesRegex(LookupError, "third"):
                small().fit(source, shuffle=False, verbose=0)

    def test_on_batch(self):
        model = small()
        loss, accuracy = model.train_on_batch(self.x, self.y)
        self.assertGreater(loss, model.train_on_batch(self.x, self.y, return_dict=True)["loss"] - 1)
        self.assertEqual(len(model.test_on_batch(self.x, self.y)), 2)
        self.assertEqual(model.optimizer.iterations, 2)
        self.assertEqual(model.predict_on_batch(self.x).shape, (64, 1))
        np.testing.assert_array_equal(model(self.x), model.predict_on_batch(self.x))

    def test_python_callbacks(self):
        seen = []

        class Recorder(keras.callbacks.Callback):
            def on_train_begin(self, logs=None):
                seen.append(("begin", self.params["epochs"], self.params["steps"]))

            def on_epoch_begin(self, epoch, logs=None):
                seen.append(("epoch", epoch))

            def on_train_batch_end(self, batch, logs=None):
                seen.append(("batch", batch, "loss" in logs))

            def on_epoch_end(self, epoch, logs=None):
                logs["twice"] = 2 * epoch
                self.model.stop_training = epoch == 1

        history = small().fit(self.x, self.y, epochs=5, verbose=0, callbacks=[Recorder()])
        batches = [("batch", 0, True), ("batch", 1, True)]
        self.assertEqual(seen, [("begin", 5, 2), ("epoch", 0), *batches, ("epoch", 1), *batches])
        self.assertEqual(history.history["twice"], [0.0, 2.0])

    def test_callbacks_of_functions_and_of_the_library(self):
        rates, losses = [], []
        schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        stop = keras.callbacks.EarlyStopping("loss", min_delta=1e9, patience=2)
        listen = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: losses.append(logs["loss"]))
        history = small().fit(self.x, self.y, epochs=9, verbose=0, callbacks=[schedule, stop, listen])
        self.assertEqual(len(history.epoch), 3)
        self.assertEqual(losses, history.history["loss"])
        np.testing.assert_allclose(history.history["learning_rate"], [5e-4, 2.5e-4, 1.25e-4], rtol=1e-6)

    def test_backup_and_restore_over_a_source(self):
        class Interrupt(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                if (self.model.optimizer.iterations, batch) == (6, 1):
                    raise InterruptedError

        expected = small()
        expected.fit(Batches(self.x, self.y, 16), epochs=3, shuffle=False, verbose=0)
        with tempfile.TemporaryDirectory() as folder:
            backup = os.path.join(folder, "backup")
            arguments = {"epochs": 3, "shuffle": False, "verbose": 0}

            def callback():
                return keras.callbacks.BackupAndRestore(backup, save_freq=1)

            with self.assertRaises(InterruptedError):
                small().fit(Batches(self.x, self.y, 16), callbacks=[callback(), Interrupt()], **arguments)
            with open(os.path.join(backup, "training_metadata.json")) as file:
                self.assertEqual(json.load(file), {"epoch": 1, "batch": 2})
            keras.utils.set_random_seed(77)
            model = small()
            history = model.fit(Batches(self.x, self.y, 16), callbacks=[callback()], **arguments)
            self.assertEqual(history.epoch, [1, 2])
            self.assertEqual(model.weights_hash(), expected.weights_hash())
            self.assertFalse(os.path.exists(backup))

    def test_every_callback_of_keras_is_there(self):
        for name in ("BackupAndRestore", "CSVLogger", "Callback", "EarlyStopping", "History",
                     "LambdaCallback", "LearningRateScheduler", "ModelCheckpoint", "ProgbarLogger",
                     "ReduceLROnPlateau", "SwapEMAWeights", "TensorBoard", "TerminateOnNaN"):
            self.assertTrue(issubclass(getattr(keras.callbacks, name), keras.callbacks.Callback)
                            or name == "History", name)

    def test_prints_only_when_asked(self):
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            small().fit(self.x, self.y, verbose=0)
        self.assertEqual(shown.getvalue(), "")
        with contextlib.redirect_stdout(shown):
            small().fit(self.x, self.y, epochs=2)
        self.assertIn("Epoch 1/2\n", shown.getvalue())
        self.assertRegex(shown.getvalue(), r"2/2.*accuracy: \d\.\d+ - loss: \d\.\d+")

    def test_a_stream_that_knows_little(self):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        with contextlib.redirect_stdout(stream):
            small().fit(self.x, self.y)
        stream.seek(0)
        self.assertIn("loss", stream.read())

    def test_a_closed_stream_is_an_error_of_fit(self):
        stream = io.StringIO()
        stream.close()
        with contextlib.redirect_stdout(stream), self.assertRaisesRegex(ValueError, "closed"):
            small().fit(self.x, self.y)

    def test_files(self):
        model = small()
        model.fit(self.x, self.y, verbose=0)
        with tempfile.TemporaryDirectory() as folder:
            whole, weights = os.path.join(folder, "m.keras"), os.path.join(folder, "m.weights.h5")
            model.save(whole)
            again = keras.models.load_model(whole)
            self.assertEqual(again.weights_hash(), model.weights_hash())
            self.assertEqual(again.optimizer.iterations, 2)
            model.fit(self.x, self.y, verbose=0, shuffle=False)
            again.fit(self.x, self.y, verbose=0, shuffle=False)
            self.assertEqual(again.weights_hash(), model.weights_hash())
            model.save_weights(weights)
            fresh = keras.models.clone_model(model)
            self.assertNotEqual(fresh.weights_hash(), model.weights_hash())
            fresh.load_weights(weights)
            self.assertEqual(fresh.weights_hash(), model.weights_hash())


if __name__ == "__main__":
    unittest.main()
