"""keras.ops on symbolic tensors: a function for each op that the library lists."""

import inspect
import json
import numbers

import numpy as np

from ._library import encoded, handles, lib, out, parsed
from ._symbolic import KerasTensor, constant
from ._values import to_json

_MANY = 2**31 - 1


def _operands(info):
    """Names for the inputs of an op; one name for a list of any number."""
    least, most = info["inputs"]
    attributes = [a["name"] for a in info["attributes"]]
    if most >= _MANY:
        return ["xs"]
    # Numbers may stand for x1 and x2; what else there is comes before them.
    pair = [n for n in ("x1", "x2") if n in attributes]
    before = most - len(pair)
    if pair:
        return ["condition"][:before] + pair
    return ["x"] if most == 1 else [f"x{i + 1}" for i in range(most)]


def _signature(info, operands):
    least = info["inputs"][0]
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
                  for name in operands]
    given = [a for a in info["attributes"] if a["name"] not in operands]
    given.sort(key=lambda a: "default" in a)
    for a in given:
        parameters.append(inspect.Parameter(
            a["name"], inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=a.get("default", inspect.Parameter.empty)))
    return inspect.Signature(parameters)


def _make(info):
    operands = _operands(info)
    signature = _signature(info, operands)
    name = info["name"]
    numeric = {a["name"] for a in info["attributes"]}

    def op(*args, **kwargs):
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{name}: {error}") from None
        values = [(key, given.pop(key)) for key in operands]
        if operands == ["xs"]:
            values = [("xs", value) for value in values[0][1]]
        like = next((value for _, value in values if isinstance(value, KerasTensor)), None)
        if like is None:
            raise TypeError(f"{name}: expected a symbolic tensor, got {values[0][1]!r}")
        inputs, attributes = [], to_json(given)
        for key, value in values:
            if isinstance(value, KerasTensor):
                inputs.append(value)
            elif isinstance(value, (numbers.Number, np.generic)) and key in numeric:
                attributes[key] = to_json(value)
            else:
                inputs.append(constant(value, like))
        return KerasTensor(out(lib.kt_op_call, encoded(name), handles(inputs), len(inputs),
                               json.dumps(attributes).encode()))

    op.__name__ = op.__qualname__ = name
    op.__doc__ = info["doc"]
    op.__signature__ = signature
    return op


for _info in parsed(lib.kt_ops):
    globals()[_info["name"]] = _make(_info)
if "abs" in globals():
    absolute = globals()["abs"]
