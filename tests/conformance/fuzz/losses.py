"""One loss with drawn arguments, over outputs of some rank, with weights of shapes that broadcast."""

import keras
import numpy as np
from keras import layers, losses

from .draw import between, flag, integers, normal, number, one_hot, pick, some

REDUCTIONS = ("sum", "sum_over_batch_size", "mean", "mean_with_sample_weight")


def regression(r):
    return pick(
        r,
        lambda: losses.MeanSquaredError(**options(r)),
        lambda: losses.MeanAbsoluteError(**options(r)),
        lambda: losses.MeanAbsolutePercentageError(**options(r)),
        lambda: losses.MeanSquaredLogarithmicError(**options(r)),
        lambda: losses.Huber(delta=number(r, 0.2, 2), **options(r)),
        lambda: losses.LogCosh(**options(r)),
        lambda: losses.CosineSimilarity(axis=pick(r, -1, 1), **options(r)),
        lambda: losses.Poisson(**options(r)),
        lambda: losses.Hinge(**options(r)),
        lambda: losses.SquaredHinge(**options(r)),
        lambda: losses.CategoricalHinge(**options(r)),
        lambda: losses.KLDivergence(**options(r)),
        *(
            (lambda n=n: n)
            for n in (
                "mse",
                "mae",
                "mape",
                "msle",
                "huber",
                "log_cosh",
                "cosine_similarity",
                "poisson",
                "hinge",
                "squared_hinge",
                "categorical_hinge",
                "kl_divergence",
            )
        )
    )()


def options(r):
    return some(r, 0.3, reduction=REDUCTIONS)


def binary(r, logits):
    smooth = some(r, 0.4, label_smoothing=(0.1, 0.3)) | options(r)
    return pick(
        r,
        lambda: losses.BinaryCrossentropy(from_logits=logits, **some(r, 0.3, axis=(1,)), **smooth),
        lambda: losses.BinaryFocalCrossentropy(
            from_logits=logits,
            gamma=number(r, 0, 3),
            alpha=number(r, 0.1, 0.9),
            apply_class_balancing=flag(r),
            **smooth
        ),
    )()


def categorical(r, logits):
    smooth = some(r, 0.4, label_smoothing=(0.1, 0.3)) | options(r)
    return pick(
        r,
        lambda: losses.CategoricalCrossentropy(from_logits=logits, **smooth),
        lambda: losses.CategoricalGeneralizedCrossEntropy(q=number(r, 0.1, 0.9)) if not logits else "kl_divergence",
        lambda: losses.CategoricalFocalCrossentropy(
            from_logits=logits, alpha=pick(r, 0.25, [0.2, 0.3, 0.5]), gamma=number(r, 0, 3), **smooth
        ),
        lambda: losses.Dice(**some(r, 0.4, axis=(-1, (1,)))),
        lambda: losses.Tversky(alpha=0.3, beta=number(r, 0.2, 0.9)),
    )()


def case(r):
    shape = pick(r, (), (4,), (2, 3))  # between the batch and the last axis
    kind = pick(r, "regression", "regression", "binary", "categorical", "sparse")
    logits = flag(r)
    width = 3 if kind in ("categorical", "sparse") else between(r, 1, 3)
    rows = (12, *shape)
    if kind == "regression":
        loss, y, activation = regression(r), normal(r, (*rows, width)), pick(r, None, "softplus")
        if flag(r, 0.5):
            y = np.abs(y)
        if width == 1 and flag(r):
            y = y[..., 0]
    elif kind == "binary":
        loss, activation = binary(r, logits), None if logits else "sigmoid"
        y = integers(r, 2, (*rows, width), pick(r, "int32", "float32"))
    elif kind == "categorical":
        loss, activation = categorical(r, logits), None if logits else "softmax"
        y = one_hot(integers(r, 3, rows), 3)
    else:
        activation = None if logits else "softmax"
        loss = losses.SparseCategoricalCrossentropy(
            from_logits=logits, **some(r, 0.4, ignore_class=(-1, 1, 0)), **options(r)
        )
        y = integers(r, 3, pick(r, rows, (*rows, 1)), pick(r, "int32", "float32"))
        if loss.ignore_class == -1:
            y[r.random(y.shape) < 0.3] = -1
    x = keras.Input((*shape, 4))
    model = keras.Model(x, layers.Dense(width, activation=activation)(x))
    model.compile(keras.optimizers.SGD(0.03), loss, metrics=[loss] if flag(r, 0.2) and isinstance(loss, str) else None)
    weight = None
    if flag(r):
        weight = r.uniform(0, 2, pick(r, (12,), (12, 1), rows, (*rows, 1))).astype("float32")
    return model, {"y": y, "sample_weight": weight}
