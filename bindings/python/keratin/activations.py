"""keras.activations: a function for each activation that the library has."""

import inspect

from ._library import encoded, lib, parsed
from ._registry import RegistryObject, classes, document, parameters_of


class Activation(RegistryObject):
    """Given to a layer, or called on tensors: relu(x, negative_slope=0.1)."""

    def __init__(self, info):
        self.__name__, self.__doc__ = info["name"], document(info)
        self._function = info
        x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY)
        self.__signature__ = inspect.Signature([x, *parameters_of(info)])

    def __call__(self, *args, **kwargs):
        from . import layers
        given = dict(self.__signature__.bind(*args, **kwargs).arguments)
        x = given.pop("x")
        return layers.Activation(self._with(given) if given else self.__name__)(x)

    def _with(self, given):
        import json

        from ._values import to_json
        return parsed(lib.kt_registry_serialize, b"activations", encoded(self.__name__),
                      json.dumps(to_json(given)).encode())

    def _to_json(self):
        return self.__name__

    def __repr__(self):
        return f"<activation {self.__name__}>"


for _info in classes("activations").values():
    globals()[_info["name"]] = Activation(_info)
    for _alias in _info["aliases"]:
        globals()[_alias] = globals()[_info["name"]]


def get(identifier):
    """The activation of a name; None: linear."""
    if identifier is None:
        identifier = "linear"
    if isinstance(identifier, str):
        info = parsed(lib.kt_registry_class, b"activations", encoded(identifier))
        return globals()[info["name"]]
    if callable(identifier):
        return identifier
    raise ValueError(f"activations: {identifier!r} is neither a name nor an activation")
