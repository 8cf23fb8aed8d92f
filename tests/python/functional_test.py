"""Graphs of symbolic tensors: operators, ops, layers shared and nested, own layers and losses."""

import inspect
import os
import tempfile
import unittest

from support import features, keras, labels, np

from keratin import ops


class Scale(keras.layers.Layer):
    """Times a learned factor."""

    def __init__(self, start=2.0, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), name="factor",
                                      initializer=keras.initializers.Constant(self.start))

    def call(self, inputs):
        return inputs * self.factor


class Counter(keras.layers.Layer):
    """Counts its training steps in a weight, and halves in training."""

    def build(self, input_shape):
        self.steps = self.add_weight((), name="steps", initializer="zeros", trainable=False)

    def call(self, inputs, training):
        if training:
            self.steps.assign(self.steps + 1.0)
            return inputs * 0.5
        return inputs


def of_arrays(function, *arrays):
    """function on symbolic tensors, at work on arrays."""
    inputs = [keras.Input(a.shape[1:]) for a in arrays]
    return keras.Model(inputs, function(*inputs)).predict(list(arrays), verbose=0)


class Power(keras.layers.Layer):
    """Of the frequencies of the last axis."""

    def call(self, inputs):
        re, im = ops.rfft(inputs)
        return re * re + im * im


class OpsOfSeveralResults(unittest.TestCase):
    def test_in_functional_models(self):
        x = features(8, 9).reshape(8, 3, 3)
        u, s, vt = of_arrays(ops.svd, x)
        np.testing.assert_allclose(u * s[:, None] @ vt, x, atol=1e-5)
        np.testing.assert_allclose(s, np.linalg.svd(x, compute_uv=False), atol=1e-5)
        re, im = of_arrays(lambda x: ops.fft((x, 0.5 * x)), x)
        np.testing.assert_allclose(re + 1j * im, np.fft.fft(x + 0.5j * x), atol=1e-5)
        first, second = of_arrays(lambda x: ops.split(x, [1], axis=1), x)
        np.testing.assert_array_equal(np.concatenate([first, second], axis=1), x)

    def test_in_own_layers(self):
        x = features(8, 10)
        given = keras.Input((10,))
        model = keras.Model(given, Power()(given))
        np.testing.assert_allclose(model.predict(x, verbose=0), np.abs(np.fft.rfft(x)) ** 2, rtol=1e-4, atol=1e-5)


class CallArguments(unittest.TestCase):
    def test_states_in_and_out(self):
        x, h = features(12, 6).reshape(2, 6, 6)[:, :3], features(2, 4)
        sequence, start = keras.Input((3, 6)), keras.Input((4,))
        layer = keras.layers.GRU(4, return_sequences=True, return_state=True)
        outputs = layer(sequence, initial_state=start)
        self.assertEqual([o.shape for o in outputs], [(None, 3, 4), (None, 4)])
        model = keras.Model([sequence, start], outputs)
        steps, last = model.predict([x, h], verbose=0)
        np.testing.assert_array_equal(steps[:, -1], last)
        # Step by step, each from where the one before ended.
        for i in range(3):
            step = np.repeat(x[:, i:i + 1], 3, axis=1)
            h = model.predict([step, h], verbose=0)[0][:, 0]
        np.testing.assert_allclose(h, last, rtol=1e-5, atol=1e-6)

    def test_flags_and_named_tensors(self):
        x = features(10, 4).reshape(2, 5, 4)
        queries = keras.Input((5, 4))
        layer = keras.layers.MultiHeadAttention(2, 3)
        out, scores = layer(queries, value=queries, use_causal_mask=True,
                            return_attention_scores=True)
        model = keras.Model(queries, [out, scores])
        _, scores = model.predict(x, verbose=0)
        self.assertEqual(scores.shape, (2, 2, 5, 5))
        np.testing.assert_array_equal(np.triu(scores, 1), 0)
        np.testing.assert_allclose(scores.sum(-1), 1, rtol=1e-5)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.keras")
            model.save(path)
            again = keras.models.load_model(path).predict(x, verbose=0)
        np.testing.assert_array_equal(again[1], scores)

    def test_a_mask(self):
        x = np.ones((2, 4, 3), "float32")
        mask = np.array([[1, 1, 0, 0], [1, 1, 1, 1]], bool)
        layer = keras.layers.GlobalAveragePooling1D()
        np.testing.assert_allclose(layer(x * mask[..., None] + 1, mask=mask), 2 * np.ones((2, 3)))

    def test_errors(self):
        x = keras.Input((3, 4))
        for call in (lambda: keras.layers.LSTM(2)(x, starting_state=x),
                     lambda: keras.layers.LSTM(2)(x, initial_state=object()),
                     lambda: keras.layers.LSTM(2)(x, initial_state=[x])):
            with self.assertRaisesRegex((TypeError, ValueError), "lstm"):
                call()


class Operators(unittest.TestCase):
    def test_numbers_and_tensors(self):
        a, b = features(6, 4), np.abs(features(6, 4)) + 0.5
        for function in (lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y,
                         lambda x, y: x / y, lambda x, y: 2 * x + 1, lambda x, y: 1 - x,
                         lambda x, y: 3 / y, lambda x, y: y ** 2, lambda x, y: -x,
                         lambda x, y: abs(x), lambda x, y: x * np.float32(2)):
            np.testing.assert_allclose(of_arrays(function, a, b), function(a, b), rtol=1e-6)

    def test_slices(self):
        a = features(5, 6)
        for function in (lambda x: x[:, 1:3], lambda x: x[:, 2], lambda x: x[:, -1], lambda x: x[:, 4:],
                         lambda x: x[..., :2]):
            np.testing.assert_array_equal(of_arrays(function, a), function(a))

    def test_shapes_and_names(self):
        x = keras.Input((3, 2), name="x", dtype="int32")
        self.assertEqual((x.shape, x.ndim, x.dtype, x.name), ((None, 3, 2), 3, "int32", "x"))
        self.assertEqual(ops.mean(keras.Input((3, 2)), axis=-1).shape, (None, 3))

    def test_ops_have_signatures(self):
        self.assertEqual(list(inspect.signature(ops.clip).parameters), ["x", "x_min", "x_max"])
        self.assertTrue(ops.softmax.__doc__)
        with self.assertRaisesRegex(TypeError, "clip"):
            ops.clip(keras.Input((2,)), 1.0)


class Layers(unittest.TestCase):
    def test_constants_in_lists_and_lengths_by_name(self):
        x = keras.Input((4, 6))
        y = [ops.einsum("bij,kj->bik", x, np.ones((2, 6), "float32")),
             ops.select([x > 2, x > 1], [x, 2.0], default=x), ops.rearrange(x, "b (h a) w -> b h (a w)", a=2)]
        data = np.arange(24, dtype="float32").reshape(1, 4, 6)
        sums, chosen, turned = keras.Model(x, y).predict(data, verbose=0)
        np.testing.assert_allclose(sums[0, :, 1], data[0].sum(axis=1))
        np.testing.assert_allclose(chosen, np.where(data > 2, data, np.where(data > 1, 2, data)))
        np.testing.assert_allclose(turned, data.reshape(1, 2, 12))

    def test_shared_and_nested(self):
        shared = keras.layers.Dense(3, name="shared")
        a, b = keras.Input((4,)), keras.Input((4,))
        inner = keras.Model([a, b], shared(a) + shared(b), name="inner")
        c = keras.Input((4,))
        outer = keras.Model(c, inner([c, c]))
        x = features(7, 4)
        np.testing.assert_allclose(outer.predict(x, verbose=0), 2 * shared(x), rtol=1e-5)
        self.assertEqual(outer.count_params(), 15)
        self.assertEqual(outer.get_layer("inner").get_layer("shared").units, 3)

    def test_weights(self):
        layer = keras.layers.Dense(3)
        self.assertEqual(layer.weights, [])
        layer(keras.Input((2,)))
        layer.set_weights([np.ones((2, 3)), np.arange(3.0)])
        np.testing.assert_array_equal(layer.bias.numpy(), [0, 1, 2])
        layer.kernel.assign(np.zeros((2, 3)))
        np.testing.assert_array_equal(layer(np.ones((1, 2), "float32")), [[0, 1, 2]])
        self.assertEqual([w.name for w in layer.weights], ["kernel", "bias"])

    def test_one_weight_by_its_path(self):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="head")])
        model.predict(np.zeros((1, 2), "float32"), verbose=0)  # whose plan sees the new weight
        model.set_weight("head/bias", [1, 2, 3])  # converted
        np.testing.assert_array_equal(model.get_weight("head/bias"), [1, 2, 3])
        self.assertEqual(model.get_weight("head/bias").dtype, np.float32)
        np.testing.assert_array_equal(model.predict(np.zeros((1, 2), "float32"), verbose=0), [[1, 2, 3]])
        with self.assertRaisesRegex(ValueError, r"head/bias.*\(3,\).*\(2,\)"):
            model.set_weight("head/bias", np.zeros(2))
        with self.assertRaisesRegex(Exception, "head/kernel, head/bias"):
            model.get_weight("head/scale")

    def test_clone(self):
        a = keras.Input((4,))
        shared = keras.layers.Dense(4, name="shared")
        model = keras.Model(a, shared(shared(a)), name="twice")
        model.layers[1].trainable = False
        clone = keras.models.clone_model(model)
        self.assertEqual(clone.to_json(), model.to_json())
        self.assertFalse(np.array_equal(clone.get_weight("shared/kernel"), model.get_weight("shared/kernel")))
        clone.set_weights(model.get_weights())
        x = features(5, 4)
        np.testing.assert_array_equal(clone.predict(x, verbose=0), model.predict(x, verbose=0))

    def test_clone_of_a_chain(self):
        """Built where the original is."""
        model = keras.Sequential([keras.layers.Dense(2)])
        self.assertFalse(keras.models.clone_model(model).built)
        model.build((None, 3))
        self.assertEqual(keras.models.clone_model(model).count_params(), 8)

    def test_freezing(self):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), keras.layers.Dense(1)])
        model.layers[0].trainable = False
        model.compile("sgd", "mse")
        before = [w.copy() for w in model.get_weights()]
        x = features()
        model.fit(x, labels(x), verbose=0)
        after = model.get_weights()
        np.testing.assert_array_equal(before[0], after[0])
        self.assertFalse(np.array_equal(before[2], after[2]))

    def test_summary(self):
        lines = []
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="small")
        model.summary(print_fn=lines.append)
        self.assertIn('"small"', "\n".join(lines))
        self.assertEqual(keras.models.model_from_json(model.to_json()).count_params(), 10)

    def test_sequential_grows_and_is_built_by_data(self):
        model = keras.Sequential()
        model.add(keras.layers.Dense(2))
        model.add(keras.layers.Dense(1))
        self.assertFalse(model.built)
        self.assertEqual(model.predict(features(3, 5), verbose=0).shape, (3, 1))
        self.assertEqual((model.input_shape, model.output_shape), ((None, 5), (None, 1)))


class Own(unittest.TestCase):
    def test_layer_trains_saves_and_loads(self):
        x = features()
        inputs = keras.Input((4,))
        layer = Scale(3.0, name="scale")
        model = keras.Model(inputs, keras.layers.Dense(1)(layer(inputs)))
        np.testing.assert_array_equal(layer.factor.numpy(), [3, 3, 3, 3])
        self.assertEqual(layer.get_config()["start"], 3.0)
        model.compile("sgd", "mse")
        model.fit(x, labels(x), verbose=0)
        self.assertFalse(np.array_equal(layer.factor.numpy(), [3, 3, 3, 3]))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "own.keras")
            model.save(path)
            again = keras.models.load_model(path)
        self.assertIsInstance(again.get_layer("scale"), Scale)
        np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))

    def test_layer_with_state(self):
        x = features()
        layer = Counter()
        model = keras.Sequential([keras.Input((4,)), layer])
        model.compile("sgd", "mse")
        model.fit(x, x, batch_size=16, epochs=2, verbose=0)
        self.assertEqual(float(layer.steps.numpy()), 8)
        np.testing.assert_array_equal(model.predict(x, verbose=0), x)

    def test_loss_and_metric(self):
        def squares(y_true, y_pred):
            return ops.mean(ops.square(y_true - y_pred), axis=-1)

        x = features()
        history = []
        for loss, metric in (("mse", "mae"), (squares, lambda t, p: ops.mean(abs(t - p), axis=-1))):
            keras.utils.set_random_seed(5)
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
            model.compile("sgd", loss, metrics=[metric])
            history.append(list(model.fit(x, labels(x)[:, None], epochs=3, verbose=0).history.values()))
        np.testing.assert_allclose(np.sort(history[0], axis=0), np.sort(history[1], axis=0), rtol=1e-5)

    def test_values_are_gone_after_the_call(self):
        kept = []

        def loss(y_true, y_pred):
            kept.append(y_pred)
            return ops.mean(y_pred, axis=-1)

        x = features()
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        model.compile("sgd", loss)
        model.fit(x, labels(x), verbose=0)
        with self.assertRaises(keras.KeratinError):
            ops.exp(kept[0])

    def test_wrong_results(self):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        model.compile("sgd", lambda y_true, y_pred: 3)
        x = features()
        with self.assertRaisesRegex(TypeError, "symbolic.*3"):
            model.fit(x, labels(x), verbose=0)
        with self.assertRaisesRegex(TypeError, "call"):
            class Nothing(keras.layers.Layer):
                pass


if __name__ == "__main__":
    unittest.main()
