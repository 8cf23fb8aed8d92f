"""Several outputs with losses, metrics and weights in all their forms; frozen parts; arguments of fit; callbacks."""

import keras
from keras import layers, metrics

from .draw import between, flag, integers, normal, number, one_hot, pick, some

KINDS = {
    "price": ("mse", None, 1),
    "sold": ("binary_crossentropy", "sigmoid", 1),
    "kind": ("categorical_crossentropy", "softmax", 3),
    "place": ("sparse_categorical_crossentropy", "softmax", 3),
}


def metric(r, kind):
    if kind == "price":
        return pick(r, "mae", "mse", metrics.RootMeanSquaredError(), metrics.MeanAbsoluteError(name="off"))
    return pick(r, "accuracy", "acc", metrics.AUC() if kind == "sold" else "accuracy", KINDS[kind][0])


def target(r, kind, rows):
    if kind == "price":
        return normal(r, (rows, 1))
    if kind == "sold":
        return integers(r, 2, (rows, 1), "float32")
    labels = integers(r, 3, (rows,))
    return labels.reshape(rows, 1) if kind == "place" else one_hot(labels, 3)


def body(r, x):
    h = x
    for _ in range(between(r, 1, 3)):
        h = pick(
            r,
            lambda: layers.Dense(
                5,
                activation="relu",
                kernel_regularizer=pick(r, None, "l2"),
                activity_regularizer=pick(r, None, "l2"),
                trainable=flag(r, 0.8),
            ),
            lambda: layers.BatchNormalization(momentum=0.7, trainable=flag(r, 0.7)),
            lambda: keras.Sequential(
                [layers.Dense(4), layers.BatchNormalization(momentum=0.5)], trainable=flag(r, 0.6)
            ),
            lambda: layers.Dropout(0.0),
            lambda: layers.LayerNormalization(trainable=flag(r, 0.8)),
        )()(h)
    return h


def by_output(r, names, maker):
    """A dictionary by output, of some, or a list."""
    if flag(r):
        return {name: maker(name) for name in names if flag(r, 0.8)} or {names[0]: maker(names[0])}
    return [maker(name) for name in names]


def compiled(r, model, names):
    if len(names) == 1:
        model.compile(
            pick(r, "sgd", "adam", "rmsprop"),
            KINDS[names[0]][0],
            metrics=[metric(r, names[0])] if flag(r, 0.7) else None,
            weighted_metrics=[metric(r, names[0])] if flag(r, 0.4) else None,
            **some(r, 0.2, loss_weights=(0.5, [2.0]))
        )
        return names
    loss = by_output(r, names, lambda n: KINDS[n][0])
    options = {"loss_weights": by_output(r, names, lambda n: number(r, 0.2, 2))} if flag(r) else {}
    for key in ("metrics", "weighted_metrics"):
        if flag(r, 0.6):
            options[key] = by_output(
                r, names, lambda n: pick(r, metric(r, n), [metric(r, n)], [metric(r, n), metric(r, n)])
            )
    model.compile(pick(r, "sgd", "adam", "rmsprop"), loss, **options)
    return [n for n in names if n in loss] if isinstance(loss, dict) else names


def callbacks(r):
    return pick(
        r,
        [],
        [],
        [],
        [
            {
                "class": "EarlyStopping",
                "config": {
                    "monitor": pick(r, "loss", "val_loss"),
                    "patience": between(r, 0, 1),
                    "min_delta": 0.05,
                    "restore_best_weights": flag(r),
                    "start_from_epoch": between(r, 0, 1),
                },
            }
        ],
        [
            {
                "class": "ReduceLROnPlateau",
                "config": {
                    "monitor": "loss",
                    "factor": 0.3,
                    "patience": between(r, 0, 2),
                    "min_delta": 0.05,
                    "cooldown": between(r, 0, 1),
                },
            }
        ],
        [{"class": "TerminateOnNaN", "config": {}}],
    )


def case(r):
    names = [str(n) for n in r.permutation(list(KINDS))[: pick(r, 1, 1, 2, 3)]]
    rows = between(r, 10, 19)
    shared = keras.Input((5,))
    h = body(r, shared)
    outputs = [layers.Dense(KINDS[n][2], activation=KINDS[n][1], name=n)(h) for n in names]
    model = keras.Model(shared, outputs if len(outputs) > 1 else outputs[0])
    trained = compiled(r, model, names)
    if len(trained) < len(names):
        raise ValueError("an output without a loss has no form in a case")
    y = [target(r, n, rows) for n in names]
    fit = some(r, 0.4, epochs=(1, 3, 4), batch_size=(4, 7, 32), validation_split=(0.25, 0.4), initial_epoch=1)
    fit |= some(r, 0.15, steps_per_epoch=2) if "batch_size" in fit else {}
    if fit.get("initial_epoch"):
        fit["epochs"] = 3
    weight = None
    if len(names) == 1 and names[0] != "price" and flag(r, 0.4):
        fit["class_weight"] = {str(i): number(r, 0.2, 3) for i in range(2 if names[0] == "sold" else 3)}
    elif flag(r, 0.4) and len(names) == 1:
        weight = r.uniform(0, 2, (rows,)).astype("float32")
    made = callbacks(r)
    if any(c["config"].get("monitor") == "val_loss" for c in made):
        fit["validation_split"] = 0.3
    return model, {
        "x": normal(r, (rows, 5)),
        "y": y if len(y) > 1 else y[0],
        "sample_weight": weight,
        "fit": fit,
        "callbacks": made,
    }
