"""Draws cases, as ../cases has them, and has the real Keras play them:

    KERAS_BACKEND=jax python3 -m fuzz FOLDER FIRST COUNT [AREA ...]     (in tests/conformance)
    keratin_conformance FOLDER

The area "text" needs KERAS_BACKEND=tensorflow. A seed, FIRST and up, gives the same case each time. What Keras itself
refuses is passed over. Not each difference is an error: the gradient of a bias before a normalization is rounding alone,
and some drawn models diverge.
"""

import importlib
import pathlib
import shutil
import sys

import keras
import numpy as np
from cases.case import write

AREAS = ["layers", "more_layers", "masks", "functional", "training", "losses", "metrics", "optimizers", "formats"]


def main(folder, first, count, *areas):
    for area in areas or AREAS:
        module = importlib.import_module(f"fuzz.{area}")
        for seed in range(int(first), int(first) + int(count)):
            keras.backend.clear_session()
            keras.utils.set_random_seed(seed)
            to = pathlib.Path(folder) / area / f"{seed:05}"
            try:
                model, case = module.case(np.random.default_rng([seed, len(area)]))
                write(to, model, **case)
            except Exception as error:  # noqa: BLE001 - whatever Keras refuses
                print(f"{area} {seed}: {str(error).splitlines()[0] if str(error) else repr(error)}"[:160], flush=True)
                shutil.rmtree(to, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
