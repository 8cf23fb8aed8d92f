"""What fit, evaluate and predict are given, as the library takes it: arrays or batches."""

import ctypes
import itertools

import numpy as np

from ._errors import CallbackError, guarded
from ._library import handles, lib
from ._tensor import to_tensor


def is_array(value):
    return isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__array__") \
        or hasattr(value, "__array_interface__")


def is_source(x):
    """Whether batches come from it: a generator, an iterator, a sequence of batches."""
    if is_array(x) or isinstance(x, (list, tuple, dict, str, bytes)) or x is None:
        return False
    return hasattr(x, "__next__") or hasattr(x, "__iter__") or \
        (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def parts(value, names, what):
    """Arrays in the order of `names()`: of a single one, a list of them, or a dict by name."""
    if value is None:
        return []
    if isinstance(value, dict):
        known = names()
        strange = [key for key in value if key not in known]
        if strange:
            raise ValueError(f"{what}: the model has no '{strange[0]}'; it has {', '.join(known)}")
        return [value[name] for name in known if name in value]
    if isinstance(value, (list, tuple)) and value and all(
            is_array(item) and np.ndim(item) > 0 for item in value):
        return list(value)
    return [value]


def weights_of(value, names, y_names):
    """Sample weights: one array, or one for each output; an output left out counts fully."""
    if not isinstance(value, dict):
        return parts(value, names, "sample_weight")
    given = parts(value, names, "sample_weight")
    ones = np.ones(len(given[0]), "float32") if given else None
    return [value.get(name, ones) for name in y_names] if given else []


class Data:
    """A kt_data with what it points to."""

    def __init__(self, model, x, y=None, sample_weight=None):
        self.arrays = []
        xs = parts(x, model._input_names, "x")
        ys = parts(y, model._output_names, "y")
        y_names = [name for name in model._output_names() if name in y] \
            if isinstance(y, dict) else (model._output_names() if sample_weight is not None else [])
        ws = weights_of(sample_weight, model._output_names, y_names)
        self.struct = lib.kt_data()
        self.fill(self.struct, xs, ys, ws)

    def fill(self, struct, xs, ys, ws):
        for field, values in (("x", xs), ("y", ys), ("sample_weight", ws)):
            tensors = [to_tensor(value) for value in values]
            array = handles(tensors)
            self.arrays += [tensors, array]
            setattr(struct, field, ctypes.addressof(array) if tensors else None)
            setattr(struct, "n_" + field, len(tensors))


def batch_of(item):
    """(x, y, sample_weight) of what a source gives."""
    if not isinstance(item, (tuple, list)):
        return item, None, None
    if not 1 <= len(item) <= 3:
        raise ValueError(f"a batch: expected (x,), (x, y) or (x, y, sample_weight), "
                         f"got {len(item)} parts")
    return (*item, None, None)[:3]


class Batches:
    """Walks a source once for each pass. Sequences may be walked in a new order each time."""

    def __init__(self, source, shuffle=False):
        self.source, self.shuffle = source, shuffle
        self.indexed = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        self.passes = 0

    def __len__(self):
        return len(self.source) if hasattr(self.source, "__len__") else 0

    def __iter__(self):
        if self.indexed:
            if self.passes and hasattr(self.source, "on_epoch_end"):
                self.source.on_epoch_end()
            self.passes += 1
            count = len(self.source)
            order = np.random.permutation(count) if self.shuffle else range(count)
            return (self.source[int(index)] for index in order)
        return iter(self.source)


class Names:
    """A model's names as they were when the call began: its thread alone may ask it."""

    def __init__(self, model):
        inputs, outputs = model._input_names(), model._output_names()
        self._input_names, self._output_names = lambda: inputs, lambda: outputs


class Source:
    """A kt_batch_source over Batches. They are taken in the thread that trains; with `prefetch`,
    so many ahead in one of the library's."""

    def __init__(self, model, batches, prefetch=0):
        self.batches, self.iterator, self.present = batches, None, None
        self.raised = None
        names = Names(model) if model.built else model

        @guarded
        @self.noting
        def restart(_):
            self.iterator = iter(self.batches)

        @guarded
        @self.noting
        def next_batch(_, data):
            if self.iterator is None:
                self.iterator = iter(self.batches)
            item = next(self.iterator, None)
            if item is None:
                return
            self.present = Data(names, *batch_of(item))
            ctypes.memmove(data, ctypes.byref(self.present.struct),
                           ctypes.sizeof(self.present.struct))

        self.struct = lib.kt_batch_source(prefetch=prefetch)
        types = dict(lib.kt_batch_source._fields_)
        # A generator goes on where it stopped; what can be walked again begins anew.
        self.struct.restart = types["restart"](restart)
        self.struct.next = types["next"](next_batch)

    def noting(self, function):
        """What another thread raises is kept for the one that waits."""
        def call(*args):
            try:
                function(*args)
            except BaseException as error:
                self.raised = error
                raise
        return call

    def __enter__(self):
        return ctypes.byref(self.struct)

    def __exit__(self, type_, error, traceback):
        if isinstance(error, CallbackError) and self.raised is not None:
            raise self.raised from None
        return False


def prefetch_of(source):
    """As in Keras, a dataset says by `workers` whether it is read beside training."""
    return int(getattr(source, "max_queue_size", 10)) if getattr(source, "workers", 1) > 1 else 0


def gathered(model, source, steps):
    """(x, y, sample_weight) of a source's batches, in one: for validation."""
    limit = steps or None
    batches = [batch_of(item) for item in itertools.islice(iter(Batches(source)), limit)]
    if not batches:
        raise ValueError("validation_data gave no batches")

    def joined(index, names, what):
        columns = [parts(batch[index], names, what) for batch in batches]
        arrays = [np.concatenate([np.asarray(a) for a in column]) for column in zip(*columns)]
        return arrays if len(arrays) != 1 else arrays[0]

    x = joined(0, model._input_names, "x")
    y = joined(1, model._output_names, "y") if batches[0][1] is not None else None
    weights = joined(2, model._output_names, "sample_weight") if batches[0][2] is not None else None
    return x, y, weights
