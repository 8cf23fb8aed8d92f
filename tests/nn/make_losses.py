"""Writes tests/data/nn_losses.json: the losses that make_steps.py has not, as Keras computes them.
Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_losses.py tests/data/nn_losses.json
"""

import sys

import numpy as np

from make_steps import (binary, classes, lines, logits, losses, one_hot, probabilities,
                        weights)

REDUCTIONS = ["sum", "mean", "mean_with_sample_weight", "none", None]


def signs(*shape):
    return np.where(binary(*shape) == 1, 1.0, -1.0).astype("float32")


def unit(*shape):
    x = logits(*shape)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


CASES = []
for name in ["MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Huber", "LogCosh",
             "KLDivergence", "Poisson"]:
    y = logits if name in ("MeanAbsolutePercentageError", "Huber", "LogCosh") else probabilities
    CASES += [(name, {}, y(4, 3), y(4, 3), None), (name, {}, y(4), y(4, 1), None),
              (name, {}, y(4, 1), y(4), weights(4)),
              (name, {}, y(2, 3, 2), y(2, 3, 2), weights(2, 3)),
              (name, dict(reduction="sum", name="n"), classes(3, 4, 2), y(4, 2), weights(4))]
CASES += [("Huber", dict(delta=d), logits(4, 3), logits(4, 3), w)
          for d, w in [(0.3, None), (2.5, weights(4))]]
CASES += [("LogCosh", {}, logits(2, 2) * 30, logits(2, 2), None),
          ("MeanAbsolutePercentageError", {}, np.array([[0, 2.0]], "float32"), logits(1, 2), None),
          ("MeanSquaredLogarithmicError", {}, logits(4, 3), logits(4, 3), None),
          ("KLDivergence", {}, one_hot(3, 4), probabilities(4, 3), weights(4))]
for name in ["Hinge", "SquaredHinge"]:
    CASES += [(name, {}, signs(4, 3), logits(4, 3), None),
              (name, {}, binary(4, 3), logits(4, 3), weights(4)),
              (name, {}, binary(4), logits(4, 1), None),
              (name, {}, np.ones((3, 2), "int32"), logits(3, 2), None),
              (name, dict(reduction="none"), signs(2, 2, 3), logits(2, 2, 3), weights(2, 2))]
CASES += [("CategoricalHinge", {}, one_hot(3, 4), logits(4, 3), None),
          ("CategoricalHinge", {}, one_hot(4, 2, 3), logits(2, 3, 4), weights(2, 3)),
          ("CategoricalHinge", dict(reduction="sum"), one_hot(3, 4), logits(4, 3), weights(4))]
for axis in [-1, 1, -2]:
    CASES += [("CosineSimilarity", dict(axis=axis), logits(3, 2, 4), logits(3, 2, 4), None)]
CASES += [("CosineSimilarity", {}, logits(4, 3), logits(4, 3), weights(4)),
          ("CosineSimilarity", {}, np.zeros((2, 3), "float32"), logits(2, 3), None),
          ("CosineSimilarity", dict(reduction="none", name="c"), logits(4, 1), logits(4, 1), None)]

B, C = "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy"
CASES += [
    (B, {}, binary(4, 1), probabilities(4, 1), None), (B, {}, binary(4), probabilities(4, 1), None),
    (B, dict(gamma=3.0), binary(4, 3), probabilities(4, 3), weights(4)),
    (B, dict(gamma=0.5, alpha=0.4, apply_class_balancing=True), binary(4, 3), probabilities(4, 3),
     None),
    (B, dict(from_logits=True, label_smoothing=0.2), binary(4, 3), logits(4, 3), weights(4)),
    (B, dict(from_logits=True, apply_class_balancing=True), binary(4, 3), logits(4, 3), None),
    (B, dict(axis=1), binary(2, 3, 2), probabilities(2, 3, 2), weights(2, 2)),
    (C, {}, one_hot(3, 4), probabilities(4, 3), None),
    (C, dict(alpha=0.6, gamma=1.5), one_hot(3, 4), probabilities(4, 3), weights(4)),
    (C, dict(from_logits=True), one_hot(3, 4), logits(4, 3), None),
    (C, dict(from_logits=True, label_smoothing=0.2), one_hot(3, 2, 4), logits(2, 4, 3), None),
    (C, dict(axis=1), one_hot(3, 2, 3), probabilities(2, 3, 3), weights(2, 3)),
]
G = "CategoricalGeneralizedCrossEntropy"
CASES += [(G, {}, classes(3, 4), probabilities(4, 3), None),
          (G, dict(q=0.8), classes(3, 4), probabilities(4, 3), weights(4)),
          (G, dict(q=0.2, reduction="sum"), classes(3, 2, 4), probabilities(2, 4, 3), None)]
for name, more in [("Dice", {}), ("Tversky", {}), ("Tversky", dict(alpha=0.2, beta=0.9))]:
    CASES += [(name, more, binary(4, 3), probabilities(4, 3), None),
              (name, more, binary(2, 3, 3, 1), probabilities(2, 3, 3, 1), weights(2)),
              (name, dict(axis=[1, 2], reduction="none", **more), binary(2, 3, 3, 2),
               probabilities(2, 3, 3, 2), None),
              (name, dict(axis=-1, **more), binary(4, 3), probabilities(4, 3), weights(4)),
              (name, dict(axis=[1, 2, 3], **more), binary(2, 2, 3, 2), probabilities(2, 2, 3, 2),
               weights(2))]
lone = np.array([0, 0, 1, 2, 2, 2], "int32")
CASES += [("Circle", {}, classes(3, 8), unit(8, 4), None),
          ("Circle", dict(gamma=20.0, margin=0.25), classes(3, 8, 1), unit(8, 4), None),
          ("Circle", dict(remove_diagonal=False, gamma=10.0), classes(2, 6), unit(6, 3), weights(6)),
          ("Circle", dict(gamma=8.0), lone, unit(6, 3), None),
          ("Circle", dict(gamma=8.0, reduction="sum"), lone, unit(6, 3), weights(6)),
          ("Circle", dict(gamma=8.0, reduction="none"), np.zeros(4, "int32"), unit(4, 3), None)]
labels = np.array([[1, 2, 3], [2, 2, 0], [1, 0, 0], [0, 0, 0], [3, 3, 3]], "int32")
CASES += [("CTC", {}, labels, logits(5, 8, 4), None),
          ("CTC", {}, labels, logits(5, 6, 5), weights(5)),
          ("CTC", {}, labels[:2], logits(2, 3, 4), None),  # 2 2 just fits
          ("CTC", dict(reduction="none"), labels, logits(5, 20, 4), None)]
for name, y_true, y_pred in [("Huber", logits(2, 3, 2), logits(2, 3, 2)),
                             (B, binary(2, 3, 2), probabilities(2, 3, 2)),
                             (G, classes(3, 2, 3), probabilities(2, 3, 3))]:
    CASES += [(name, dict(reduction=r), y_true, y_pred, w) for r in REDUCTIONS
              for w in [None, weights(2, 3)]]

if __name__ == "__main__":
    with open(sys.argv[1], "w") as out:
        out.write('{"losses": %s}\n' % lines(losses(CASES)))
