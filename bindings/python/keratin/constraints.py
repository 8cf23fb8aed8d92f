"""keras.constraints: a class for each constraint that the library has."""

from ._registry import RegistryObject, export


class Constraint(RegistryObject):
    """Base of all constraints."""


export("constraints", globals(), Constraint)
