"""keras.initializers: a class for each initializer that the library has."""

from ._registry import RegistryObject, export


class Initializer(RegistryObject):
    """Base of all initializers."""


export("initializers", globals(), Initializer)
