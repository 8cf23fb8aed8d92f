"""Arrays go in and come out without copies, and live as long as they are needed."""

import gc
import unittest
import weakref

from support import features, keras, np, small

from keratin import _tensor
from keratin._library import lib


class Arrays(unittest.TestCase):
    def test_in_at_the_same_address(self):
        for dtype in ("float32", "float64", "int32", "int64", "uint8", "uint32", "bool"):
            array = np.ones((3, 2), dtype)
            tensor = _tensor.to_tensor(array)
            self.assertEqual(lib.kt_tensor_data(tensor), array.ctypes.data)

    def test_out_at_the_same_address(self):
        array = np.arange(6, dtype="float32").reshape(3, 2)
        tensor = _tensor.to_tensor(array)
        address = lib.kt_tensor_data(tensor)
        back = _tensor.to_array(tensor._as_parameter_)
        tensor.let_go()
        self.assertEqual(back.ctypes.data, address)
        self.assertTrue(np.shares_memory(back, array))
        np.testing.assert_array_equal(back, array)

    def test_kept_alive_and_let_go(self):
        array = features()
        gone = weakref.ref(array)
        tensor = _tensor.to_tensor(array)
        del array
        gc.collect()
        self.assertIsNotNone(gone())
        del tensor
        self.assertIsNone(gone())

    def test_nothing_is_kept_after_a_call(self):
        model, x = small(), features()
        y = x[:, 0] > 0
        model.fit(x, y, verbose=0)
        model.predict(x, verbose=0)
        model.fit(features(), y, verbose=0)
        gone = weakref.ref(x)
        del x, model
        gc.collect()
        self.assertIsNone(gone())

    def test_results_outlive_the_model(self):
        model, x = small(), features()
        first = model.predict(x, verbose=0)
        copy = first.copy()
        del model
        gc.collect()
        for _ in range(20):
            small().predict(x, verbose=0)
        np.testing.assert_array_equal(first, copy)

    def test_a_result_is_the_callers(self):
        model, x = small(), features()
        first = model.predict(x, verbose=0)
        copy = first.copy()
        model.predict(features(), verbose=0)
        np.testing.assert_array_equal(first, copy)
        first[:] = 0  # may be written to

    def test_strides_bytes_and_small_types_are_converted(self):
        x = features(32, 8)
        expected = small(4).predict(np.ascontiguousarray(x[:, ::2]), verbose=0)
        for form in (x[:, ::2], np.asfortranarray(x[:, ::2]), x[:, ::2].astype(">f4"),
                     x[:, ::2].tolist(), np.frombuffer(b"\0" + x[:, ::2].tobytes(), "uint8")[1:]
                     .view("float32").reshape(32, 4)):
            np.testing.assert_array_equal(small(4).predict(form, verbose=0), expected)
        np.testing.assert_array_equal(small().predict(np.ones((2, 4), "int8"), verbose=0),
                                      small().predict(np.ones((2, 4), "float32"), verbose=0))

    def test_read_only_and_empty(self):
        x = features()
        x.setflags(write=False)
        small().fit(x, x[:, 0] > 0, verbose=0)
        self.assertEqual(_tensor.to_array(_taken(np.zeros((0, 3), "float32"))).shape, (0, 3))
        self.assertEqual(_tensor.to_array(_taken(np.float32(2))).shape, ())

    def test_text(self):
        texts = np.array([["a", "größer"], ["", "c d"]])
        back = _tensor.to_array(_taken(texts))
        self.assertEqual(back.tolist(), texts.tolist())

    def test_what_cannot_be_given(self):
        for value in (np.zeros(3, "complex64"), np.array([object()]), np.zeros(2, "M8[s]")):
            with self.assertRaises(TypeError):
                _tensor.to_tensor(value)


def _taken(array):
    tensor = _tensor.to_tensor(array)
    pointer = tensor._as_parameter_
    tensor.let_go()
    return pointer


if __name__ == "__main__":
    unittest.main()
