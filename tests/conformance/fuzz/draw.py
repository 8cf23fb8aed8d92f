"""Draws of arguments: each function takes the generator of random numbers first."""

import numpy as np
from keras import initializers, regularizers

ACTIVATIONS = [None, "relu", "tanh", "sigmoid", "elu", "gelu", "silu", "softplus", "selu", "hard_sigmoid", "mish"]


def pick(r, *values):
    return values[r.integers(len(values))]


def flag(r, chance=0.5):
    return bool(r.random() < chance)


def between(r, low, high):
    """Both included."""
    return int(r.integers(low, high + 1))


def number(r, low, high):
    return round(float(r.uniform(low, high)), 3)


def some(r, chance=0.5, **makers):
    """Keyword arguments, each with this chance: a value, a tuple to pick from, or a function of r."""
    given = {}
    for name, maker in makers.items():
        if flag(r, chance):
            given[name] = maker(r) if callable(maker) else pick(r, *maker) if isinstance(maker, tuple) else maker
    return given


def regularizer(r):
    return pick(r, "l1", "l2", regularizers.L1L2(0.01, 0.02), regularizers.L2(0.05))


def constraint(r):
    return pick(r, "max_norm", "unit_norm", "non_neg", "min_max_norm")


def kernel_options(r, kernel="kernel", bias=True):
    """What layers with a kernel (and a bias) share."""
    options = some(
        r,
        0.15,
        **{
            f"{kernel}_regularizer": regularizer,
            f"{kernel}_constraint": constraint,
            "activity_regularizer": regularizer,
        },
    )
    if bias:
        options |= some(r, 0.15, bias_regularizer=regularizer, bias_constraint=constraint)
        options |= some(r, 0.3, use_bias=(False,))
    return options


def normal(r, shape):
    return r.normal(size=shape).astype("float32")


def integers(r, below, shape, dtype="int32"):
    return r.integers(0, below, shape).astype(dtype)


def initializer(r):
    return pick(r, "he_normal", "orthogonal", initializers.RandomUniform(-0.3, 0.3), "lecun_uniform")


def one_hot(indices, depth):
    return np.eye(depth, dtype="float32")[indices]
