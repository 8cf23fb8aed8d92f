"""keras.callbacks: what the library has, and those that take functions of Python."""

from ._callback import Callback
from ._history import History
from ._registry import export


class LambdaCallback(Callback):
    """Calls the functions given; by the methods' names: on_epoch_end=lambda epoch, logs: ..."""

    def __init__(self, **functions):
        super().__init__()
        for name, function in functions.items():
            if not hasattr(Callback, name) or not name.startswith("on_"):
                raise TypeError(f"LambdaCallback: there is no event '{name}'")
            if function is not None:
                setattr(self, name, function)


class LearningRateScheduler(Callback):
    """Sets the learning rate of each epoch: schedule(epoch, present rate)."""

    def __init__(self, schedule, verbose=0):
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch, logs=None):
        rate = self.schedule(epoch, self.model.learning_rate)
        if not isinstance(rate, (int, float)) and getattr(rate, "ndim", 1) != 0:
            raise ValueError(f"LearningRateScheduler: expected a number of the schedule, got {rate!r}")
        self.model.learning_rate = float(rate)
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch, logs=None):
        logs["learning_rate"] = self.model.learning_rate


export("callbacks", globals(), Callback)
