"""keras.utils: seeds, names, one-hot labels, sequences of batches, pictures, texts and arrays in
files; and the number of threads."""

import ctypes
import json
import os
import random

import numpy as np

from ._library import Handle, lib, out, parsed
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


class Folder:
    """Batches (x, y), or x where there are no labels, of files in folders named after their
    classes; walked anew for each epoch. fit, evaluate and predict take it as a dataset."""

    def __init__(self, directory, texts, config):
        pointer = out(lib.kt_folder_open, os.fsencode(directory), texts, json.dumps(config).encode())
        self._handle = Handle(pointer, lib.kt_folder_free)
        self.class_names = parsed(lib.kt_folder_class_names, self._handle)
        self.file_count = lib.kt_folder_count(self._handle)

    def __len__(self):
        return lib.kt_folder_batches(self._handle)

    def __iter__(self):
        lib.kt_folder_restart(self._handle)
        while True:
            x, y = ctypes.c_void_p(), ctypes.c_void_p()
            lib.kt_folder_next(self._handle, ctypes.byref(x), ctypes.byref(y))
            if not x.value:
                return
            arrays = [to_array(tensor.value) for tensor in (x, y) if tensor.value]
            yield tuple(arrays) if len(arrays) == 2 else arrays[0]


def image_dataset_from_directory(directory, label_mode="int", class_names=None, color_mode="rgb",
                                 batch_size=32, image_size=(256, 256), shuffle=True, seed=None,
                                 validation_split=None, subset=None, interpolation="bilinear"):
    """PNG and JPEG files as float32 [batch, height, width, channels] from 0 to 255."""
    return Folder(directory, 0, dict(
        label_mode=label_mode, class_names=class_names, color_mode=color_mode,
        batch_size=batch_size, image_size=list(image_size), shuffle=shuffle, seed=seed,
        validation_split=validation_split, subset=subset, interpolation=interpolation))


def text_dataset_from_directory(directory, label_mode="int", class_names=None, batch_size=32,
                                max_length=None, shuffle=True, seed=None, validation_split=None,
                                subset=None):
    """Files of text as strings [batch]."""
    return Folder(directory, 1, dict(
        label_mode=label_mode, class_names=class_names, batch_size=batch_size,
        max_length=max_length, shuffle=shuffle, seed=seed, validation_split=validation_split,
        subset=subset))


def load_image(path, channels=3):
    """A PNG or JPEG file as uint8 [height, width, channels]."""
    return to_array(out(lib.kt_image_load, os.fsencode(path), channels))


def open_npy(path):
    """The array of an .npy file over the file's own pages, for data larger than memory."""
    return to_array(out(lib.kt_npy_open, os.fsencode(path)))


def save_npy(path, array):
    """Whole or not at all, as the library writes files."""
    lib.kt_npy_save(to_tensor(array), os.fsencode(path))
