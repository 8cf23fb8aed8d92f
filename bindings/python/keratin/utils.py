"""keras.utils: seeds, names, one-hot labels, sequences of batches, arrays in files; and the
number of threads."""

import os
import random

import numpy as np

from ._library import lib, out
from ._tensor import to_array, to_tensor
from .models import clone_model, load_model, model_from_json  # noqa: F401


def set_random_seed(seed):
    """Of Python, NumPy and the library."""
    random.seed(seed)
    np.random.seed(seed)
    lib.kt_set_random_seed(seed)


def clear_session():
    """Begins counting anew in the names of layers."""
    lib.kt_reset_names()


def num_threads():
    return lib.kt_num_threads()


def set_num_threads(count):
    """That one call may use. Results are the same for any number."""
    lib.kt_set_num_threads(count)


def to_categorical(x, num_classes=None):
    """Class numbers as rows of zeros with one 1."""
    x = np.asarray(x, dtype="int64")
    if x.ndim > 1 and x.shape[-1] == 1:
        x = x.reshape(x.shape[:-1])
    count = int(x.max()) + 1 if num_classes is None else num_classes
    return np.eye(count)[x]


class PyDataset:
    """Batches by number: subclasses give __len__ and __getitem__, perhaps on_epoch_end.

    With `workers` above 1, up to `max_queue_size` batches are read ahead, in one thread beside
    training."""

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        self.workers, self.max_queue_size = workers, max_queue_size
        if use_multiprocessing:
            raise NotImplementedError("PyDataset: batches are read in a thread, not in processes")

    def __len__(self):
        raise NotImplementedError

    def __getitem__(self, index):
        raise NotImplementedError

    def on_epoch_end(self):
        pass


Sequence = PyDataset


def open_npy(path):
    """The array of an .npy file over the file's own pages, for data larger than memory."""
    return to_array(out(lib.kt_npy_open, os.fsencode(path)))


def save_npy(path, array):
    """Whole or not at all, as the library writes files."""
    lib.kt_npy_save(to_tensor(array), os.fsencode(path))
