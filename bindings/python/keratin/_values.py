"""Python values to the configuration's JSON, and names as Keras makes them."""

import numbers

import numpy as np


def to_json(value):
    """What JSON can say for a value given as an argument."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if hasattr(value, "_to_json"):
        return value._to_json()
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be written to a configuration")


def flatten(value):
    """The leaves of nested lists, tuples and dictionaries, in order."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return [value]
    return [leaf for item in value for leaf in flatten(item)]
