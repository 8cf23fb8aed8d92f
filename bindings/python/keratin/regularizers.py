"""keras.regularizers: a class for each regularizer that the library has."""

from ._registry import RegistryObject, export


class Regularizer(RegistryObject):
    """Base of all regularizers."""


export("regularizers", globals(), Regularizer)
