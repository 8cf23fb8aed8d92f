"""Every conformance case's model, saved here, opens in the real Keras and predicts what it predicted there;
unless Keras cannot run what it saved itself."""

import json
import os
import pathlib
import tempfile
import unittest

os.environ["KERAS_BACKEND"] = "jax"

from support import SOURCE, keras, np  # noqa: E402

import keras as real  # noqa: E402

CASES = SOURCE / "tests/data/conformance"


def arrays_of(path):
    """A safetensors file, as NumPy arrays."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    kinds = {"F32": "float32", "I8": "int8", "I32": "int32", "I64": "int64", "U8": "uint8", "BOOL": "bool"}
    arrays = {}
    for name, array in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + o for o in array["data_offsets"])
            arrays[name] = np.frombuffer(data[begin:end], kinds[array["dtype"]]).reshape(array["shape"])
    return arrays


def listed(outputs):
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


class RoundTrip(unittest.TestCase):
    def test_every_case(self):
        cases = sorted(p.parent for p in CASES.rglob("case.json"))
        self.assertGreater(len(cases), 100)
        with tempfile.TemporaryDirectory() as folder:
            path = str(pathlib.Path(folder, "model.keras"))
            for case in cases:
                with self.subTest(f"{case.parent.name}/{case.name}"):
                    arrays = arrays_of(case / "data.safetensors")
                    model = keras.models.load_model(str(case / "model.keras"))
                    model.save(path)
                    try:
                        back = real.models.load_model(path)
                    except ImportError:  # TextVectorization, which is for TensorFlow alone
                        with self.assertRaises(ImportError):
                            real.models.load_model(str(case / "model.keras"))
                        continue
                    if "y0" in arrays:
                        self.assertIsNotNone(back.optimizer)
                    x = [arrays[f"x{i}"] for i in range(len(back.inputs))]
                    x = x if len(x) > 1 else x[0]
                    try:
                        got = back.predict(x, verbose=0)
                    except (TypeError, ValueError):
                        # Keras writes tuples among an op's arguments as lists, which the op refuses.
                        self.assertIn(case.parent.name, ("ops", "ops_arguments", "ops_places", "linalg"))
                        own = real.models.load_model(str(case / "model.keras"))
                        with self.assertRaises((TypeError, ValueError)):
                            own.predict(x, verbose=0)
                        continue
                    wanted = [arrays[f"predict{i}"] for i in range(len(back.outputs))]
                    if case.parent.name == "linalg":
                        # What LAPACK makes of a singular matrix depends on the processor.
                        wanted = real.models.load_model(str(case / "model.keras")).predict(x, verbose=0)
                    for output, expected in zip(listed(got), listed(wanted), strict=True):
                        np.testing.assert_allclose(output, expected, rtol=2e-4, atol=2e-5)


if __name__ == "__main__":
    unittest.main()
