"""Several metrics with drawn arguments beside a loss."""

import keras
from keras import layers, metrics

from .draw import between, flag, integers, normal, number, one_hot, pick, some


def regression(r):
    return pick(
        r,
        lambda: getattr(
            metrics,
            pick(
                r,
                "MeanSquaredError",
                "MeanAbsoluteError",
                "RootMeanSquaredError",
                "MeanAbsolutePercentageError",
                "LogCoshError",
                "MeanSquaredLogarithmicError",
                "Poisson",
                "KLDivergence",
                "Hinge",
                "SquaredHinge",
                "CategoricalHinge",
            ),
        )(),
        lambda: metrics.R2Score(
            class_aggregation=pick(r, "uniform_average", "variance_weighted_average", None),
            num_regressors=pick(r, 0, 2),
        ),
        lambda: metrics.CosineSimilarity(),
        lambda: metrics.PearsonCorrelation(),
        lambda: metrics.ConcordanceCorrelation(),
        lambda: pick(r, "mse", "mae", "mape", "msle", "cosine_similarity"),
    )()


def thresholds(r):
    return pick(r, None, 0.3, [0.2, 0.5, 0.8])


def binary(r):
    return pick(
        r,
        lambda: metrics.BinaryAccuracy(threshold=number(r, 0.2, 0.8)),
        lambda: metrics.BinaryCrossentropy(label_smoothing=pick(r, 0, 0.2)),
        lambda: metrics.AUC(
            num_thresholds=pick(r, 200, 7, 50),
            curve=pick(r, "ROC", "PR"),
            summation_method=pick(r, "interpolation", "minoring", "majoring"),
            **some(r, 0.2, thresholds=([0.1, 0.5, 0.6],))
        ),
        lambda: metrics.AUC(multi_label=True, num_labels=3, **some(r, 0.5, label_weights=([0.2, 0.3, 0.5],))),
        lambda: metrics.AUC(from_logits=True),
        lambda: metrics.Precision(thresholds=thresholds(r), **some(r, 0.3, top_k=2), **some(r, 0.3, class_id=(0, 1))),
        lambda: metrics.Recall(thresholds=thresholds(r), **some(r, 0.3, top_k=2), **some(r, 0.3, class_id=(0, 1))),
        lambda: getattr(metrics, pick(r, "True", "False") + pick(r, "Positives", "Negatives"))(
            thresholds=thresholds(r)
        ),
        lambda: metrics.PrecisionAtRecall(number(r, 0.1, 0.9), num_thresholds=pick(r, 200, 9)),
        lambda: metrics.RecallAtPrecision(number(r, 0.1, 0.9), num_thresholds=pick(r, 200, 9)),
        lambda: metrics.SensitivityAtSpecificity(number(r, 0.1, 0.9)),
        lambda: metrics.SpecificityAtSensitivity(number(r, 0.1, 0.9), num_thresholds=pick(r, 200, 9)),
        lambda: metrics.F1Score(average=pick(r, None, "micro", "macro", "weighted"), threshold=pick(r, None, 0.4)),
        lambda: metrics.FBetaScore(
            average=pick(r, None, "micro", "macro", "weighted"), beta=number(r, 0.5, 2), threshold=pick(r, None, 0.4)
        ),
        lambda: metrics.BinaryIoU(target_class_ids=pick(r, (0, 1), (0,), (1,)), threshold=number(r, 0.2, 0.8)),
        lambda: pick(r, "accuracy", "binary_accuracy", "bce"),
    )()


def categorical(r):
    return pick(
        r,
        lambda: metrics.CategoricalAccuracy(),
        lambda: metrics.TopKCategoricalAccuracy(k=between(r, 1, 3)),
        lambda: metrics.CategoricalCrossentropy(label_smoothing=pick(r, 0, 0.2)),
        lambda: metrics.OneHotIoU(3, target_class_ids=pick(r, [0], [0, 2])),
        lambda: metrics.OneHotMeanIoU(3),
        lambda: metrics.F1Score(average=pick(r, None, "micro", "macro", "weighted")),
        lambda: metrics.Precision(top_k=pick(r, None, 1, 2), class_id=pick(r, None, 2)),
        lambda: metrics.KLDivergence(),
        lambda: metrics.CosineSimilarity(),
        lambda: pick(r, "accuracy", "acc", "categorical_accuracy", "top_k_categorical_accuracy"),
    )()


def sparse(r):
    return pick(
        r,
        lambda: metrics.SparseCategoricalAccuracy(),
        lambda: metrics.SparseTopKCategoricalAccuracy(k=between(r, 1, 3)),
        lambda: metrics.SparseCategoricalCrossentropy(**some(r, 0.3, ignore_class=(1,))),
        lambda: metrics.MeanIoU(3, sparse_y_true=True, sparse_y_pred=False, **some(r, 0.3, ignore_class=(1,))),
        lambda: metrics.IoU(3, [0, 1], sparse_y_pred=False),
        lambda: pick(r, "accuracy", "sparse_categorical_crossentropy"),
    )()


def case(r):
    kind = pick(r, "regression", "binary", "categorical", "sparse")
    shape = pick(r, (), (), (4,))
    rows = (12, *shape)
    width = pick(r, 1, 2, 3) if kind in ("regression", "binary") else 3
    if kind == "regression":
        y, activation, loss = normal(r, (*rows, width)), None, "mse"
    elif kind == "binary":
        y, activation, loss = (
            integers(r, 2, (*rows, width), pick(r, "int32", "float32")),
            "sigmoid",
            "binary_crossentropy",
        )
    elif kind == "categorical":
        y, activation, loss = one_hot(integers(r, 3, rows), 3), "softmax", "categorical_crossentropy"
    else:
        y, activation, loss = integers(r, 3, pick(r, rows, (*rows, 1))), "softmax", "sparse_categorical_crossentropy"
    x = keras.Input((*shape, 4))
    model = keras.Model(x, layers.Dense(width, activation=activation)(x))
    draw = {"regression": regression, "binary": binary, "categorical": categorical, "sparse": sparse}[kind]
    model.compile(
        keras.optimizers.SGD(0.03),
        loss,
        metrics=[draw(r) for _ in range(between(r, 1, 2))],
        weighted_metrics=[draw(r)] if flag(r, 0.4) else None,
    )
    weight = r.uniform(0, 2, pick(r, (12,), rows)).astype("float32") if flag(r, 0.6) else None
    return model, {"y": y, "sample_weight": weight}
