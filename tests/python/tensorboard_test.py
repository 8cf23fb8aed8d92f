"""The event files of keratin.callbacks.TensorBoard, read by TensorBoard's own reader."""

import io
import json
import os
import tempfile
import unittest

from support import features, keras, np, small
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.histogram import summary_v2 as histograms
from tensorboard.util import tensor_util


def read(folder):
    """{tag: [(step, array)]} of all files of a folder, in order of writing."""
    accumulator = EventAccumulator(folder, size_guidance={"tensors": 0})
    accumulator.Reload()
    return {tag: [(e.step, tensor_util.make_ndarray(e.tensor_proto)) for e in accumulator.Tensors(tag)]
            for tag in accumulator.Tags()["tensors"]}, accumulator


class TensorBoard(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.x = features(40)
        self.y = (self.x[:, 0] > 0).astype("float32")

    def fit(self, model=None, epochs=3, **arguments):
        self.model = model or small()
        self.callback = keras.callbacks.TensorBoard(self.folder, **arguments)
        history = self.model.fit(self.x, self.y, batch_size=8, epochs=epochs, validation_split=0.2,
                                 verbose=0, callbacks=[self.callback])
        return history.history

    def train(self):
        return read(os.path.join(self.folder, "train"))[0]

    def validation(self):
        return read(os.path.join(self.folder, "validation"))[0]

    def assert_scalars(self, events, steps, values):
        self.assertEqual([step for step, _ in events], list(steps))
        np.testing.assert_array_equal([value for _, value in events], np.float32(values))

    def test_epochs(self):
        history = self.fit()
        train, validation = self.train(), self.validation()
        self.assertEqual(set(train), {"keras", "epoch_loss", "epoch_accuracy", "epoch_learning_rate"})
        self.assertEqual(set(validation), {"epoch_loss", "epoch_accuracy", "evaluation_loss_vs_iterations",
                                           "evaluation_accuracy_vs_iterations"})
        for name in "loss", "accuracy":
            self.assert_scalars(train["epoch_" + name], range(3), history[name])
            self.assert_scalars(validation["epoch_" + name], range(3), history["val_" + name])
            self.assert_scalars(validation[f"evaluation_{name}_vs_iterations"], [4, 8, 12],
                                history["val_" + name])
        self.assert_scalars(train["epoch_learning_rate"], range(3), [0.001] * 3)

    def test_plugins(self):
        self.fit(histogram_freq=1)
        _, accumulator = read(os.path.join(self.folder, "train"))
        self.assertEqual(set(accumulator.PluginTagToContent("scalars")),
                         {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"})
        self.assertEqual(len(accumulator.PluginTagToContent("histograms")), 4)
        self.assertEqual(accumulator.PluginTagToContent("graph_keras_model"), {"keras": b"1"})

    def test_graph_is_the_model(self):
        self.fit()
        (step, text), = self.train()["keras"]
        self.assertEqual(step, 0)
        again = keras.models.model_from_json(text.item().decode())
        self.assertEqual(again.count_params(), self.model.count_params())
        self.assertEqual(json.loads(text.item())["class_name"], "Sequential")

    def test_batches(self):
        losses = []
        listen = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: losses.append(logs["loss"]))
        for freq, every in ("batch", 1), (3, 3):
            with tempfile.TemporaryDirectory() as folder:
                losses.clear()
                board = keras.callbacks.TensorBoard(folder, update_freq=freq, write_graph=False,
                                                    write_steps_per_second=True)
                small().fit(self.x, self.y, batch_size=8, epochs=4, verbose=0, callbacks=[board, listen])
                train = read(os.path.join(folder, "train"))[0]
                self.assertEqual(set(train), {
                    *("epoch_" + n for n in ("loss", "accuracy", "learning_rate", "steps_per_second")),
                    *("batch_" + n for n in ("loss", "accuracy", "steps_per_second"))})
                steps = range(every, 21, every)
                self.assert_scalars(train["batch_loss"], steps, [losses[s - 1] for s in steps])
                for name in "batch_steps_per_second", "epoch_steps_per_second":
                    self.assertTrue(all(value > 0 for _, value in train[name]))

    def test_histograms(self):
        self.fit(epochs=4, histogram_freq=2)
        events = {tag: e for tag, e in self.train().items() if tag.endswith("/histogram")}
        self.assertEqual(len(events), 4)
        for (tag, written), value in zip(events.items(), small_weights(self.fit_again(3))):
            self.assertEqual([step for step, _ in written], [0, 2])
            expected = tensor_util.make_ndarray(histograms.histogram_pb(tag, value).value[0].tensor)
            np.testing.assert_allclose(written[-1][1], expected, rtol=1e-12, atol=1e-15)
            self.assertEqual(written[-1][1][:, 2].sum(), value.size)

    def fit_again(self, epochs):
        """The same training, as long as that."""
        model = small()
        model.fit(self.x, self.y, batch_size=8, epochs=epochs, validation_split=0.2, verbose=0)
        return model

    def test_a_histogram_of_equal_values(self):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, name="flat")])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        self.fit(model, epochs=1, histogram_freq=1)
        buckets = next(e for tag, e in self.train().items() if tag.endswith("flat/bias/histogram"))[0][1]
        expected = histograms.histogram_pb("", np.zeros(1)).value[0].tensor
        np.testing.assert_array_equal(buckets, tensor_util.make_ndarray(expected))

    def test_images(self):
        model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, name="dense")])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        kernel = np.linspace(-0.2, 1.2, 15, dtype="float32").reshape(5, 3)
        model.set_weights([kernel, np.array([0.0, 0.5, 1.0], "float32")])
        self.x, self.y = features(40, 5), features(40, 3)
        self.fit(model, epochs=1, histogram_freq=1, write_images=True)
        images = {tag: e for tag, e in self.train().items() if tag.endswith("/image")}
        self.assertEqual(len(images), 2)
        for (tag, written), expected in zip(images.items(), [kernel.T, [[0], [0.5], [1]]]):
            expected = np.clip(np.float32(expected) * 255.5, 0, 255).astype("uint8")
            width, height, png = written[0][1]
            self.assertEqual((int(height), int(width)), expected.shape)
            np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png))), expected)

    def test_evaluate_alone(self):
        history = self.fit(epochs=1)
        loss, _ = self.model.evaluate(self.x, self.y, verbose=0, callbacks=[self.callback])
        validation = self.validation()
        self.assert_scalars(validation["evaluation_loss_vs_iterations"], [4, 4],
                            [history["val_loss"][0], loss])

    def test_arguments(self):
        for arguments in {"update_freq": "week"}, {"update_freq": 0}, {"histogram_freq": -1}:
            with self.assertRaises(ValueError):
                keras.callbacks.TensorBoard(self.folder, **arguments)
        with self.assertRaises(NotImplementedError):
            keras.callbacks.TensorBoard(self.folder, profile_batch=2)


def small_weights(model):
    return [np.asarray(w) for w in model.get_weights()]


if __name__ == "__main__":
    unittest.main()
