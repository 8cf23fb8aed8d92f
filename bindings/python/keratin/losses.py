"""keras.losses: a class for each loss that the library has."""

from ._registry import RegistryObject, export


class Loss(RegistryObject):
    """Base of all losses. One's own are functions of y_true and y_pred, given to compile()."""


export("losses", globals(), Loss)
