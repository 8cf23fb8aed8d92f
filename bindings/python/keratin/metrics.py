"""keras.metrics: a class for each metric that the library has."""

from ._registry import RegistryObject, export


class Metric(RegistryObject):
    """Base of all metrics. One's own are functions of y_true and y_pred, given to compile()."""


export("metrics", globals(), Metric)
