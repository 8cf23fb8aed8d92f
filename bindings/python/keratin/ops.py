"""keras.ops on symbolic tensors: a function for each op that the library lists."""

import inspect
import json
import types

import numpy as np

from ._library import encoded, handles, lib, parsed
from ._symbolic import KerasTensor, several
from ._values import to_json


def _signature(info, variadic):
    """Arguments of the call and the constructor, as Keras orders them: what has a default comes last."""
    kind = inspect.Parameter
    keywords = [a["name"] for a in info["attributes"] if a["type"] == "keywords"]
    given = [a for a in info["arguments"] + info["attributes"] if a["name"] not in (variadic, *keywords)]
    required = [kind(a["name"], kind.POSITIONAL_OR_KEYWORD) for a in given if "default" not in a]
    optional = [kind(a["name"], kind.KEYWORD_ONLY if variadic else kind.POSITIONAL_OR_KEYWORD, default=a["default"])
                for a in given if "default" in a]
    tensors = [kind(variadic, kind.VAR_POSITIONAL)] if variadic else []
    return inspect.Signature(required + tensors + optional + [kind(name, kind.VAR_KEYWORD) for name in keywords])


def _constant(value):
    """A number, or an array as Keras saves it."""
    if isinstance(value, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": value.tolist(), "dtype": str(value.dtype)}}
    return to_json(value)


def _make(info):
    name = info["name"]
    arguments = {a["name"]: a for a in info["arguments"]}
    variadic = next((key for key, a in arguments.items() if a.get("variadic")), None)
    signature = _signature(info, variadic)

    def op(*args, **kwargs):
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{name}: {error}") from None
        inputs, attributes = [], {}
        for key, value in given.items():
            if key not in arguments:
                attributes[key] = to_json(value)
        for key in arguments:
            value = given.get(key)
            if isinstance(value, KerasTensor):
                inputs.append(value)
            elif arguments[key].get("list") and value is not None:
                tensors = [v for v in value if isinstance(v, KerasTensor)]
                inputs.extend(tensors)
                if len(tensors) < len(value):
                    attributes[key] = [None if isinstance(v, KerasTensor) else _constant(v) for v in value]
            elif key in given:
                attributes[key] = _constant(value)
        if not inputs:
            raise TypeError(f"{name}: expected a symbolic tensor among {', '.join(arguments)}")
        return several(lib.kt_op_call_all, encoded(name), handles(inputs), len(inputs),
                       json.dumps(attributes).encode())

    op.__name__ = op.__qualname__ = name.split(".")[-1]
    op.__doc__ = info["doc"]
    op.__signature__ = signature
    return op


image = types.SimpleNamespace()
for _info in parsed(lib.kt_ops):
    _place, _, _name = _info["name"].rpartition(".")
    setattr(image, _name, _make(_info)) if _place else globals().__setitem__(_name, _make(_info))
