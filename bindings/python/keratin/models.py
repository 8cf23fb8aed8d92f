"""keras.models: models and their files."""

import os

from ._library import encoded, lib, out
from ._model import Functional, Model, Sequential, model_of


def load_model(filepath, compile=True):
    """From a .keras archive, of Keras' or ours."""
    return model_of(out(lib.kt_model_load, os.fsencode(filepath), int(bool(compile))))


def save_model(model, filepath):
    model.save(filepath)


def model_from_json(json_string):
    """The architecture, with new weights."""
    return model_of(out(lib.kt_model_from_json, encoded(json_string)))


def clone_model(model):
    """The same architecture with new weights."""
    return model_of(out(lib.kt_model_clone, model))
