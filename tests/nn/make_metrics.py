"""Writes tests/data/nn_metrics.json: the metrics that make_steps.py has not, as Keras computes them.
Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_metrics.py tests/data/nn_metrics.json
"""

import sys

import keras
import numpy as np

from make_steps import (batches, binary, classes, lines, logits, many, metrics, one, one_hot,
                        probabilities, rng, spread, weights)

none = lambda: None
CASES = []
for name in ["Mean", "Sum"]:
    CASES += [(name, {}, batches(lambda: logits(5), none)),
              (name, dict(name="m"), batches(lambda: logits(5), none, lambda: weights(5))),
              (name, {}, batches(lambda: logits(4, 3, 2), none, lambda: weights(4))),
              (name, {}, batches(lambda: logits(4, 3, 2), none, lambda: weights(4, 3))),
              (name, {}, batches(lambda: logits(4, 3), none))]
for name in ["MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "RootMeanSquaredError",
             "LogCoshError", "CosineSimilarity", "KLDivergence", "Poisson"]:
    y = logits if name in ("RootMeanSquaredError", "LogCoshError", "CosineSimilarity") else \
        probabilities
    CASES += [(name, {}, batches(lambda: y(5, 3), lambda: y(5, 3))),
              (name, {}, batches(lambda: y(5), lambda: y(5, 1), lambda: weights(5))),
              (name, dict(name="m"), batches(lambda: y(2, 3, 2), lambda: y(2, 3, 2),
                                             lambda: weights(2, 3))),
              (name, {}, batches(lambda: y(3, 2, 2), lambda: y(3, 2, 2), lambda: weights(3)))]
CASES += [("CosineSimilarity", dict(axis=1), batches(lambda: logits(3, 4, 2), lambda: logits(3, 4, 2),
                                                     lambda: weights(3)))]
for name in ["Hinge", "SquaredHinge"]:
    CASES += [(name, {}, batches(lambda: binary(5, 2), lambda: logits(5, 2))),
              (name, {}, batches(lambda: 2 * binary(5, 2) - 1, lambda: logits(5, 2),
                                 lambda: weights(5)))]
CASES += [("CategoricalHinge", {}, batches(lambda: one_hot(3, 5), lambda: logits(5, 3))),
          ("CategoricalHinge", {}, batches(lambda: one_hot(3, 5, 2), lambda: logits(5, 2, 3),
                                           lambda: weights(5, 2)))]
for name in ["TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy"]:
    y = one_hot if name[0] == "T" else classes
    CASES += [(name, {}, batches(lambda: y(7, 6), lambda: probabilities(6, 7))),
              (name, dict(k=2), batches(lambda: y(5, 9), lambda: spread(9, 5), lambda: weights(9))),
              (name, dict(k=1), batches(lambda: y(4, 3, 2), lambda: spread(3, 2, 4),
                                        lambda: weights(3, 2))),
              (name, dict(k=3, name="top"), batches(lambda: y(4, 3, 2), lambda: logits(3, 2, 4),
                                                    lambda: weights(3)))]
CASES += [("SparseTopKCategoricalAccuracy", dict(k=2, from_sorted_ids=True),
           batches(lambda: classes(4, 9), lambda: classes(4, 9, 3), lambda: weights(9))),
          ("SparseTopKCategoricalAccuracy", dict(k=2),
           batches(lambda: classes(4, 5), lambda: np.array([[1, 2, 2, 0], [9, 1, 0, 0],
                                                           [2, 2, 2, 2], [0, 1, 2, 3],
                                                           [-9, 0, 0, 1]], "float32"))),
          ("SparseTopKCategoricalAccuracy", dict(k=2),
           batches(lambda: np.array([0, 7, -1], "int32"), lambda: logits(3, 4)))]
for name in ["PearsonCorrelation", "ConcordanceCorrelation"]:
    CASES += [(name, {}, batches(lambda: logits(5, 4), lambda: logits(5, 4))),
              (name, dict(axis=0), batches(lambda: logits(6, 3), lambda: logits(6, 3))),
              (name, dict(axis=1, name="c"), batches(lambda: logits(3, 5, 2), lambda: logits(3, 5, 2),
                                                     lambda: weights(3)))]
for name in ["TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"]:
    CASES += [(name, {}, batches(one, lambda: probabilities(9, 1))),
              (name, dict(thresholds=0.3), batches(many, lambda: spread(9, 3), lambda: weights(9))),
              (name, dict(thresholds=[0.75, 0.1], name="n"), batches(many, lambda: spread(9, 3))),
              (name, dict(thresholds=[0.0, 0.5, 1.0]), batches(many, lambda: spread(9, 3),
                                                               lambda: weights(9, 3)))]
for name, first in [("SensitivityAtSpecificity", "specificity"),
                    ("SpecificityAtSensitivity", "sensitivity"), ("PrecisionAtRecall", "recall"),
                    ("RecallAtPrecision", "precision")]:
    CASES += [(name, {first: 0.5}, batches(lambda: binary(40), lambda: probabilities(40, 1))),
              (name, {first: 0.6, "num_thresholds": 7}, batches(many, lambda: spread(9, 3),
                                                                lambda: weights(9))),
              (name, {first: 0.4, "num_thresholds": 1, "name": "n"},
               batches(one, lambda: probabilities(9, 1))),
              (name, {first: 0.3, "class_id": 1}, batches(many, lambda: probabilities(9, 3),
                                                          lambda: weights(9))),
              (name, {first: 1.0, "num_thresholds": 5}, batches(one, lambda: spread(9, 1)))]
for name, more in [("FBetaScore", dict(beta=2.0)), ("FBetaScore", dict(beta=0.5)), ("F1Score", {})]:
    for average in [None, "micro", "macro", "weighted"]:
        CASES += [(name, dict(average=average, **more),
                   batches(lambda: one_hot(3, 9), lambda: probabilities(9, 3))),
                  (name, dict(average=average, threshold=0.4, **more),
                   batches(many, lambda: spread(9, 3), lambda: weights(9)))]
CASES += [("F1Score", {}, batches(lambda: one_hot(3, 4), lambda: np.zeros((4, 3), "float32"))),
          ("FBetaScore", dict(name="f"), batches(lambda: one_hot(2, 4), lambda: spread(4, 2)))]
whole = lambda *s: (lambda: rng.integers(0, 4, size=s).astype("float32"))
CASES += [("IoU", dict(num_classes=3, target_class_ids=[0, 2]),
           batches(lambda: classes(3, 9), lambda: classes(3, 9))),
          ("IoU", dict(num_classes=3, target_class_ids=[1], ignore_class=0, name="i"),
           batches(lambda: classes(3, 2, 3, 3), lambda: classes(3, 2, 3, 3), whole(2, 3, 3))),
          ("IoU", dict(num_classes=3, target_class_ids=[0, 1], sparse_y_pred=False),
           batches(lambda: classes(3, 9), lambda: spread(9, 3), whole(9))),
          ("IoU", dict(num_classes=3, target_class_ids=[0, 1], dtype="float32"),
           batches(lambda: classes(3, 9), lambda: classes(3, 9), lambda: weights(9))),
          ("IoU", dict(num_classes=3, target_class_ids=[0, 1, 2]),
           batches(lambda: classes(3, 9), lambda: classes(3, 9), lambda: weights(9))),
          ("MeanIoU", dict(num_classes=4), batches(lambda: classes(3, 9), lambda: classes(4, 9))),
          ("MeanIoU", dict(num_classes=3, ignore_class=-1),
           batches(lambda: classes(4, 9) - 1, lambda: classes(5, 9) - 1, whole(9))),
          ("MeanIoU", dict(num_classes=3, sparse_y_pred=False, name="m"),
           batches(lambda: classes(3, 2, 4), lambda: probabilities(2, 4, 3), whole(2, 4))),
          ("BinaryIoU", {}, batches(one, lambda: probabilities(9, 1))),
          ("BinaryIoU", dict(target_class_ids=[1], threshold=0.3),
           batches(lambda: binary(4, 3), lambda: spread(4, 3), whole(4, 3))),
          ("BinaryIoU", dict(target_class_ids=[0], threshold=0.7, dtype="float32"),
           batches(lambda: binary(9), lambda: spread(9), lambda: weights(9))),
          ("OneHotIoU", dict(num_classes=3, target_class_ids=[0, 2]),
           batches(lambda: one_hot(3, 9), lambda: probabilities(9, 3))),
          ("OneHotIoU", dict(num_classes=3, target_class_ids=[1], sparse_y_pred=True, ignore_class=2),
           batches(lambda: one_hot(3, 9), lambda: classes(3, 9), whole(9))),
          ("OneHotMeanIoU", dict(num_classes=3), batches(lambda: one_hot(3, 4, 2),
                                                         lambda: spread(4, 2, 3), whole(4, 2)))]
# (With an axis that is not the last Keras fails when asked for the result of an IoU.)
for how in ["uniform_average", "variance_weighted_average", None]:
    CASES += [("R2Score", dict(class_aggregation=how),
               batches(lambda: logits(6, 3), lambda: logits(6, 3))),
              ("R2Score", dict(class_aggregation=how, num_regressors=2, name="r"),
               batches(lambda: logits(6, 2), lambda: logits(6, 2), lambda: weights(6)))]
CASES += [("R2Score", dict(num_regressors=9), batches(lambda: logits(5, 1), lambda: logits(5, 1))),
          ("R2Score", dict(num_regressors=4), batches(lambda: logits(5, 1), lambda: logits(5, 1))),
          ("R2Score", {}, batches(lambda: np.ones((4, 1), "float32"), lambda: logits(4, 1))),
          ("R2Score", {}, batches(lambda: np.round(logits(5, 2)), lambda: np.round(logits(5, 2)),
                                  lambda: weights(5, 2)))]

CASES += [("MeanMetricWrapper", dict(fn=keras.losses.huber, name="w"),
           batches(lambda: logits(5, 3), lambda: logits(5, 3))),
          ("MeanMetricWrapper", dict(fn=keras.losses.binary_focal_crossentropy, gamma=3.0),
           batches(many, lambda: probabilities(9, 3), lambda: weights(9))),
          ("MeanMetricWrapper", dict(fn=keras.metrics.binary_accuracy, threshold=0.3, name="a"),
           batches(many, lambda: probabilities(9, 3), lambda: weights(9)))]

if __name__ == "__main__":
    only = sys.argv[2:]
    with open(sys.argv[1], "w") as out:
        out.write('{"metrics": %s}\n' % lines(
            metrics([c for c in CASES if not only or c[0] in only])))
