"""What the tests share: the binding from the sources, over the built library."""

import os
import pathlib
import sys

SOURCE = pathlib.Path(os.environ["KERATIN_SOURCE"])
sys.path.insert(0, str(SOURCE / "bindings/python"))

import numpy as np  # noqa: E402

import keratin as keras  # noqa: E402

rng = np.random.default_rng(3)


def features(rows=64, width=4):
    return rng.normal(size=(rows, width)).astype("float32")


def labels(x):
    return (x.sum(axis=1) > 0).astype("float32")


def small(width=4, compiled=True):
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((width,)), keras.layers.Dense(8, activation="relu"),
                              keras.layers.Dense(1, activation="sigmoid")])
    if compiled:
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def rss():
    """Resident memory of this process, bytes."""
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
