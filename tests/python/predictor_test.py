"""Predictor: the bits of predict from a copy of the weights, checks of shapes and dtypes, threads."""

import threading
import unittest

from support import features, keras, labels, np, small


class Predictors(unittest.TestCase):
    def test_gives_the_bits_of_predict(self):
        model, x = small(), features(5)
        predictor = keras.Predictor(model, batch_size=5)
        self.assertEqual(predictor.inputs, [((5, 4), np.dtype("float32"))])
        self.assertEqual(predictor.outputs, [((5, 1), np.dtype("float32"))])
        expected = model.predict(x, verbose=0)
        np.testing.assert_array_equal(predictor(x), expected)
        np.testing.assert_array_equal(predictor(x.astype("float64")), expected)
        y = np.zeros((5, 1), "float32")
        predictor.run([x], [y])
        np.testing.assert_array_equal(y, expected)

    def test_keeps_its_weights_while_the_model_learns(self):
        model, x = small(), features(64)
        before = model.predict(x, verbose=0)
        predictor = keras.Predictor(model, batch_size=64)
        trainer = threading.Thread(target=lambda: model.fit(x, labels(x), epochs=30, verbose=0))
        trainer.start()
        while trainer.is_alive():
            np.testing.assert_array_equal(predictor(x), before)
        trainer.join()
        np.testing.assert_array_equal(predictor.clone()(x), before)
        self.assertFalse(np.array_equal(model.predict(x, verbose=0), before))

    def test_several_inputs_and_lengths(self):
        a, b = keras.Input((None, 3)), keras.Input((2,), dtype="int32")
        model = keras.Model([a, b], [keras.layers.GlobalMaxPooling1D()(a), keras.layers.Embedding(7, 2)(b)])
        with self.assertRaisesRegex(ValueError, "give the extents"):
            keras.Predictor(model)
        predictor = keras.Predictor(model, 2, shapes=[(6, 3), (2,)])
        x = [features(12, 3).reshape(2, 6, 3), np.array([[1, 2], [3, 6]], "int32")]
        for given, expected in zip(predictor(x), model.predict(x, verbose=0)):
            np.testing.assert_array_equal(given, expected)

    def test_other_arrays_are_refused(self):
        predictor, x, y = keras.Predictor(small()), features(1), np.zeros((1, 1), "float32")
        for inputs, outputs in (([x, x], [y]), ([x], []), ([features(2)], [y]), ([x.astype("float64")], [y]),
                                ([x], [y.astype("int32")]), ([features(4, 1).T[:, ::1].T[:1]], [y])):
            with self.assertRaises(ValueError):
                predictor.run(inputs, outputs)
        with self.assertRaises(ValueError):
            predictor([x, x])
        with self.assertRaises(ValueError):
            keras.Predictor(small(), batch_size=0)


if __name__ == "__main__":
    unittest.main()
