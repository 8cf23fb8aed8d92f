"""keras.config: the policy by which layers compute."""

import collections

from ._library import lib, text

DTypePolicy = collections.namedtuple("DTypePolicy", "name compute_dtype variable_dtype")


def set_dtype_policy(policy):
    """Of layers made from now on without a dtype: "float32", "float64" or "mixed_bfloat16"."""
    lib.kt_set_dtype_policy(getattr(policy, "name", policy).encode())


def dtype_policy():
    name = text(lib.kt_dtype_policy)
    dtype = name.removeprefix("mixed_")
    return DTypePolicy(name, dtype, dtype if dtype == name else "float32")
