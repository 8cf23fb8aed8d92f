"""Writes ../data/conformance: cases made by the real Keras, as keratin_conformance plays them.

    KERAS_BACKEND=jax python3 tests/conformance/make_cases.py [AREA ...]
    KERAS_BACKEND=tensorflow python3 tests/conformance/make_cases.py text

Needs keras and safetensors. Each area is a module of cases/, whose cases() yields (name, model, case): a model, compiled
where it is to be trained, and a dict of what to do with it (see case.py).
"""

import importlib
import pathlib
import sys

from cases.case import write

HERE = pathlib.Path(__file__).parent
AREAS = ["activations", "layers", "layers_arguments", "losses", "metrics", "optimizers", "training", "functional",
         "masks", "integers", "ops", "ops_arguments", "ops_places", "ops_image", "ops_ctc", "linalg", "fourier", "embedding", "einsum_dense",
         "attention", "recurrent", "preprocessing", "quantized", "applications"]


def main(areas):
    for area in areas:
        for name, model, case in importlib.import_module(f"cases.{area}").cases():
            write(HERE.parent / "data/conformance" / area / name, model, **case)


if __name__ == "__main__":
    main(sys.argv[1:] or AREAS)
