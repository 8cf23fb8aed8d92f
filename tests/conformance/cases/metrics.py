"""Metrics, plain and weighted."""

import keras
import numpy as np
from keras import layers, metrics

from .case import normal
from .losses import targets

METRICS = [
    ("binary", [lambda: "accuracy", lambda: metrics.BinaryAccuracy(threshold=0.4)]),
    ("binary", [lambda: metrics.AUC(), lambda: metrics.AUC(curve="PR", num_thresholds=50)]),
    ("binary", [lambda: metrics.AUC(multi_label=True, summation_method="majoring")]),
    ("binary", [lambda: metrics.Precision(), lambda: metrics.Recall(thresholds=[0.3, 0.6])]),
    ("categorical", [lambda: "accuracy", lambda: metrics.Precision(top_k=2), lambda: metrics.Recall(class_id=1)]),
    ("sparse", [lambda: "accuracy"]),
    ("regression", [lambda: "mse", lambda: metrics.MeanAbsoluteError(name="distance")]),
]
OUTPUT = {"binary": (2, "sigmoid", "binary_crossentropy"), "categorical": (3, "softmax", "categorical_crossentropy"),
          "sparse": (3, "softmax", "sparse_categorical_crossentropy"), "regression": (2, "linear", "mse")}


def cases():
    for i, (kind, makers) in enumerate(METRICS):
        for weighted in (False, True):
            keras.utils.set_random_seed(i)
            width, activation, loss = OUTPUT[kind]
            model = keras.Sequential([keras.Input((4,)), layers.Dense(width, activation=activation)])
            made = [make() for make in makers]
            model.compile("sgd", loss, **{"weighted_metrics" if weighted else "metrics": made})
            weight = np.abs(normal((12,), i)) + 0.1 if weighted else None
            yield f"{kind}_{i}{'_weighted' if weighted else ''}", model, {"y": targets(kind, i), "sample_weight": weight}
