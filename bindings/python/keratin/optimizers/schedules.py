"""keras.optimizers.schedules: a class for each learning-rate schedule that the library has."""

from .._registry import RegistryObject, export


class LearningRateSchedule(RegistryObject):
    """Base of all schedules."""


export("schedules", globals(), LearningRateSchedule)
