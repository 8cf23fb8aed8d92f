"""Every architecture of keras.applications, made by the real Keras with random weights, saved, loaded here:
both predict the same.

    KERAS_BACKEND=jax KERATIN_LIBRARY=build/libkeratin.so python3 tests/conformance/applications.py [NAME ...]

Needs keras, jax and numpy; the largest ones take 6 GB of memory. One line an architecture, PASS or FAIL, then
the counts; returns non-zero on failures.
"""

import gc
import inspect
import pathlib
import sys
import tempfile

import keras
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bindings/python"))
import keratin  # noqa: E402

SMALLEST = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75, "NASNetLarge": 331, "NASNetMobile": 224}
# Kernels times this: without statistics of its own the network explodes, and inputs moved by 1e-6 change Keras' own
# outputs by half.
SMALLER = {"EfficientNetV2L": 0.7}
TOLERANCE = 2e-3  # of the outputs' spread


def names():
    """The functions of keras.applications that make models."""
    return sorted(name for name, value in vars(keras.applications).items()
                  if inspect.isfunction(value) and name[0].isupper())


def moved(model, seed, factor):
    """Off their initial values, the moving statistics too, where zeros and ones would hide mistakes."""
    rng = np.random.default_rng(seed)
    for variable in model.variables:
        if "seed_generator" in variable.path or variable.dtype != "float32":
            continue
        values = np.asarray(variable)
        noise = rng.normal(scale=0.05, size=values.shape).astype("float32")
        if "variance" in variable.path:
            variable.assign(np.abs(values + noise) + 0.05)
        else:
            variable.assign(values + noise if values.ndim < 2 else values * np.float32(factor))


def play(name, folder):
    keras.backend.clear_session()
    size = SMALLEST.get(name, 64)
    make = getattr(keras.applications, name)
    model = make(weights=None, input_shape=(size, size, 3), classes=10, classifier_activation=None)  # a softmax may be 0 and 1
    moved(model, len(name), SMALLER.get(name, 1))
    x = np.random.default_rng(1).uniform(0, 255, (2, size, size, 3)).astype("float32")
    if "include_preprocessing" not in inspect.signature(make).parameters:
        x = x / 127.5 - 1
    wanted = model.predict(x, verbose=0)
    path = pathlib.Path(folder, "model.keras")
    model.save(path)
    count = model.count_params()
    del model
    gc.collect()
    got = keratin.models.load_model(path, compile=False).predict(x, verbose=0)
    path.unlink()
    difference, spread = float(np.abs(got - wanted).max()), float(np.ptp(wanted))
    good = got.shape == wanted.shape and difference <= TOLERANCE * spread
    print(f"{'PASS' if good else 'FAIL'} {name}: {count:,} parameters, {size}x{size}, greatest difference {difference:.1e}, "
          f"outputs within {spread:.1e} of each other", flush=True)
    return good


def main(chosen):
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            try:
                results.append(play(name, folder))
            except Exception as error:
                print(f"FAIL {name}: {error}", flush=True)
                results.append(False)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or names()))
