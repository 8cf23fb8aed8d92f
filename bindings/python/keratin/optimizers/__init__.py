"""keras.optimizers: a class for each optimizer that the library has, and schedules."""

from .._registry import RegistryObject, export
from . import schedules


class Optimizer(RegistryObject):
    """Base of all optimizers. One is put to work by compile(); see Model.optimizer."""


export("optimizers", globals(), Optimizer)
