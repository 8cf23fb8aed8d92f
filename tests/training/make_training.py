"""Makes tests/data/training.json: what Keras' loops, callbacks and progress bar give.

Run with Keras 3.15.1 on JAX:  KERAS_BACKEND=jax python tests/training/make_training.py
"""

import contextlib
import io
import json
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np
from keras import layers

OUT = Path(__file__).parent.parent / "data" / "training.json"
rng = np.random.default_rng(7)


def array(a):
    a = np.asarray(a)
    return {"dtype": str(a.dtype), "shape": list(a.shape), "data": a.ravel().tolist()}


def arrays(value):
    if value is None:
        return []
    return [array(v) for v in (value if isinstance(value, (list, tuple)) else [value])]


def plain(logs):
    """Pairs in order; each value a list."""
    return [[k, np.atleast_1d(np.asarray(v, dtype="float64")).tolist()] for k, v in logs.items()]


def columns(history):
    return [
        [k, [np.atleast_1d(np.asarray(v, dtype="float64")).tolist() for v in values]]
        for k, values in history.items()
    ]


def features(n, width=4):
    return rng.normal(size=(n, width)).astype("float32")


def chain(*rest, width=4):
    keras.utils.clear_session()
    return keras.Sequential([keras.Input((width,)), *rest])


def two_outputs():
    keras.utils.clear_session()
    inputs = keras.Input((4,), name="in")
    hidden = layers.Dense(5, activation="tanh")(inputs)
    price = layers.Dense(1, name="price")(hidden)
    kind = layers.Dense(3, activation="softmax", name="kind")(hidden)
    return keras.Model(inputs, [price, kind])


def move(model):
    """Initial values that do not depend on the version of an initializer."""
    model.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in model.get_weights()])


def case(name, model, compile_args, x, y, fit, sample_weight=None, callbacks=(), validation=None,
         class_weight=None):
    move(model)
    model.compile(**compile_args)
    record = {
        "name": name,
        "model": json.loads(model.to_json()),
        "before": [array(w) for w in model.get_weights()],
        "x": arrays(x),
        "y": arrays(y),
        "sample_weight": arrays(sample_weight),
        "fit": dict(fit),
        "class_weight": {str(k): v for k, v in (class_weight or {}).items()},
        "callbacks": [[type(c).__name__, config] for c, config in callbacks],
    }
    record["model"].pop("compile_config", None)
    if validation is not None:
        record["validation"] = {"x": arrays(validation[0]), "y": arrays(validation[1]),
                                "sample_weight": arrays(validation[2] if len(validation) > 2 else None)}
    history = model.fit(x, y, sample_weight=sample_weight, class_weight=class_weight, shuffle=False,
                        verbose=0, callbacks=[c for c, _ in callbacks], validation_data=validation,
                        **fit)
    record["compile"] = model.get_compile_config()
    record["compile"]["optimizer"]["config"]["learning_rate"] = compile_args["optimizer"].start_rate
    record["compiled_after"] = model.get_compile_config()
    record["epochs"] = history.epoch
    record["history"] = columns(history.history)
    record["after"] = [array(w) for w in model.get_weights()]
    batch = fit.get("batch_size", 32)
    record["evaluate"] = plain(
        model.evaluate(x, y, sample_weight=sample_weight, batch_size=batch, verbose=0, return_dict=True))
    record["evaluate_list"] = np.atleast_1d(
        model.evaluate(x, y, sample_weight=sample_weight, batch_size=batch, verbose=0)).tolist()
    record["predict"] = arrays(model.predict(x, batch_size=5, verbose=0))
    if compile_args["optimizer"].use_ema:
        return record  # on JAX, Keras cannot train on after its averages became the weights
    on_batch = {} if class_weight is None else {"class_weight": class_weight}
    if sample_weight is not None:
        on_batch["sample_weight"] = sample_weight
    record["train_on_batch"] = plain(model.train_on_batch(x, y, return_dict=True, **on_batch))
    on_batch.pop("class_weight", None)
    record["test_on_batch"] = plain(model.test_on_batch(x, y, return_dict=True, **on_batch))
    return record


def rated(optimizer):
    optimizer.start_rate = float(np.asarray(optimizer.learning_rate)) if not isinstance(
        optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule) else None
    return optimizer


def adam(rate=0.02, **more):
    return rated(keras.optimizers.Adam(rate, **more))


def sgd(rate=0.1, **more):
    return rated(keras.optimizers.SGD(rate, **more))


def cases():
    x = features(23)
    binary = (x.sum(axis=1, keepdims=True) > 0).astype("float32")
    value = x @ rng.normal(size=(4, 1)).astype("float32") + 0.3
    label = rng.integers(0, 3, size=(23,))
    one_hot = np.eye(3, dtype="float32")[label]
    weight = rng.uniform(0.2, 2.0, size=(23,)).astype("float32")
    relu = lambda n: layers.Dense(n, activation="relu")
    sigmoid = lambda: layers.Dense(1, activation="sigmoid")
    soft = lambda: layers.Dense(3, activation="softmax")
    bce = "binary_crossentropy"
    sparse = "sparse_categorical_crossentropy"

    yield case("partial_batch", chain(relu(6), sigmoid()),
               dict(optimizer=adam(), loss=bce, metrics=["accuracy"]), x, binary,
               dict(batch_size=5, epochs=3))
    yield case("targets_of_rank_1", chain(relu(6), sigmoid()),
               dict(optimizer=adam(), loss=bce, metrics=["acc"]), x, binary[:, 0].astype("int64"),
               dict(batch_size=10, epochs=2))
    yield case("sparse_labels", chain(relu(6), soft()),
               dict(optimizer=adam(), loss="crossentropy", metrics=["accuracy"]), x, label.astype("int32"),
               dict(batch_size=8, epochs=2))
    yield case("one_hot_labels", chain(relu(6), soft()),
               dict(optimizer=adam(), loss="ce", metrics=["accuracy"]), x, one_hot,
               dict(batch_size=8, epochs=2), class_weight={0: 0.5, 2: 3.0})
    yield case("batch_larger_than_data", chain(relu(6), layers.Dense(1)),
               dict(optimizer=sgd(), loss="mse"), x, value, dict(batch_size=100, epochs=3))
    yield case("class_weight", chain(relu(6), sigmoid()),
               dict(optimizer=adam(), loss=bce, weighted_metrics=["accuracy"]), x, binary,
               dict(batch_size=6, epochs=2, validation_split=0.3), class_weight={0: 0.4, 1: 2.5})
    yield case("class_weight_sparse", chain(relu(6), soft()),
               dict(optimizer=adam(), loss=sparse, metrics=["accuracy"]), x, label.astype("int64"),
               dict(batch_size=6, epochs=2), class_weight={0: 0.4, 1: 2.5})
    yield case("sample_weight", chain(relu(6), layers.Dense(1)),
               dict(optimizer=sgd(0.05), loss="mse", metrics=["mae"],
                    weighted_metrics=["mae", "mae", "mse"]),
               x, value, dict(batch_size=7, epochs=2), sample_weight=weight)
    yield case("repeated_metrics", chain(relu(6), layers.Dense(1)),
               dict(optimizer=sgd(0.05), loss=keras.losses.MeanSquaredError(reduction="sum"),
                    metrics=["mae", "mae", keras.metrics.MeanSquaredError(name="zzz")]),
               x, value, dict(batch_size=7, epochs=2))
    yield case("regularized",
               chain(layers.Dense(6, activation="tanh", kernel_regularizer="l2",
                                  activity_regularizer=keras.regularizers.L1(0.01)),
                     layers.Dense(1, bias_regularizer=keras.regularizers.L1(0.1))),
               dict(optimizer=sgd(0.05), loss="mse", loss_weights=0.5), x, value,
               dict(batch_size=9, epochs=2))
    yield case("steps_per_epoch", chain(relu(6), sigmoid()),
               dict(optimizer=adam(), loss=bce), x, binary,
               dict(batch_size=5, epochs=4, steps_per_epoch=3))
    yield case("steps_choose_batch", chain(relu(6), sigmoid()),
               dict(optimizer=adam(), loss=bce), x, binary, dict(epochs=2, steps_per_epoch=4))
    yield case("validation_data", chain(relu(6), sigmoid()),
               dict(optimizer=adam(), loss=bce, metrics=["accuracy"]), x, binary,
               dict(batch_size=5, epochs=4, initial_epoch=1, validation_freq=2, validation_batch_size=4,
                    validation_steps=2),
               validation=(x[:11] + 0.5, binary[:11], weight[:11]))
    two = lambda: (x, [value, label.astype("int32")])
    yield case("two_outputs", two_outputs(),
               dict(optimizer=adam(), loss=["mse", sparse], loss_weights=[0.7, 1.3],
                    metrics=[["mae"], ["accuracy"]]), *two(), dict(batch_size=6, epochs=2))
    yield case("two_outputs_by_name", two_outputs(),
               dict(optimizer=adam(), loss={"kind": sparse, "price": "mse"},
                    loss_weights={"kind": 0.5, "price": 2.0}, metrics={"kind": ["accuracy", "acc"]},
                    weighted_metrics={"price": "mae"}),
               *two(), dict(batch_size=6, epochs=2), sample_weight=[weight, weight[::-1].copy()])
    yield case("two_outputs_one_weight", two_outputs(),
               dict(optimizer=adam(), loss=["mse", sparse], weighted_metrics=[None, ["accuracy"]]),
               *two(), dict(batch_size=6, epochs=2), sample_weight=[weight, weight])
    yield case("one_of_two_trained", two_outputs(),
               dict(optimizer=sgd(), loss=["mse", None], metrics=[["mae"], ["accuracy"]]), *two(),
               dict(batch_size=6, epochs=2))
    yield case("averaged_weights", chain(relu(6), layers.Dense(1)),
               dict(optimizer=sgd(0.05, momentum=0.9, use_ema=True, ema_momentum=0.8), loss="mse"),
               x, value, dict(batch_size=6, epochs=2, validation_split=0.2))
    yield case("frozen", chain(layers.Dense(6, activation="relu", trainable=False,
                                            kernel_regularizer="l2"), layers.Dense(1)),
               dict(optimizer=sgd(0.05), loss="mse"), x, value, dict(batch_size=6, epochs=2))
    plateau = dict(monitor="loss", factor=0.5, patience=1, min_delta=0.02, cooldown=1, min_lr=0.003)
    yield case("reduce_on_plateau", chain(relu(6), layers.Dense(1)),
               dict(optimizer=adam(0.01), loss="mse", metrics=["mae"]), x, value,
               dict(batch_size=8, epochs=8),
               callbacks=[(keras.callbacks.ReduceLROnPlateau(**plateau), plateau)])
    early = dict(monitor="val_loss", patience=2, restore_best_weights=True, min_delta=0.001)
    yield case("early_stopping", chain(relu(16), sigmoid()),
               dict(optimizer=adam(0.1), loss=bce, metrics=["accuracy"]), x,
               rng.integers(0, 2, size=(23, 1)).astype("float32"),
               dict(batch_size=4, epochs=20, validation_split=0.3),
               callbacks=[(keras.callbacks.EarlyStopping(**early), early)])
    best = dict(monitor="val_accuracy", patience=3, baseline=0.99, restore_best_weights=True,
                start_from_epoch=2)
    yield case("early_stopping_baseline", chain(relu(6), sigmoid()),
               dict(optimizer=adam(0.01), loss=bce, metrics=["accuracy"]), x, binary,
               dict(batch_size=4, epochs=20, validation_split=0.3),
               callbacks=[(keras.callbacks.EarlyStopping(**best), best)])
    for name, swap in ("swap_averages", {}), ("swap_averages_on_epoch", dict(swap_on_epoch=True)):
        yield case(name, chain(relu(6), layers.Dense(1)),
                   dict(optimizer=sgd(0.05, use_ema=True, ema_momentum=0.8), loss="mse"), x, value,
                   dict(batch_size=8, epochs=3, validation_split=0.3),
                   callbacks=[(keras.callbacks.SwapEMAWeights(**swap), swap)])


class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.events = []

    def note(self, name, *where, logs=None):
        self.events.append([name, *[int(w) for w in where], list(logs or {})])

    def on_train_begin(self, logs=None): self.note("train_begin")
    def on_train_end(self, logs=None): self.note("train_end", logs=logs)
    def on_epoch_begin(self, epoch, logs=None): self.note("epoch_begin", epoch)
    def on_epoch_end(self, epoch, logs=None): self.note("epoch_end", epoch, logs=logs)
    def on_train_batch_begin(self, b, logs=None): self.note("train_batch_begin", b)
    def on_train_batch_end(self, b, logs=None): self.note("train_batch_end", b, logs=logs)
    def on_test_begin(self, logs=None): self.note("test_begin")
    def on_test_end(self, logs=None): self.note("test_end", logs=logs)
    def on_test_batch_begin(self, b, logs=None): self.note("test_batch_begin", b)
    def on_test_batch_end(self, b, logs=None): self.note("test_batch_end", b, logs=logs)
    def on_predict_begin(self, logs=None): self.note("predict_begin")
    def on_predict_end(self, logs=None): self.note("predict_end")
    def on_predict_batch_begin(self, b, logs=None): self.note("predict_batch_begin", b)
    def on_predict_batch_end(self, b, logs=None): self.note("predict_batch_end", b)


def events():
    x = features(7)
    y = x[:, :1]
    model = chain(layers.Dense(1))
    model.compile("sgd", "mse", metrics=["mae"])
    recorder = Recorder()
    model.fit(x, y, batch_size=3, epochs=2, verbose=0, callbacks=[recorder],
              validation_data=(x[:4], y[:4]))
    model.evaluate(x, y, batch_size=4, verbose=0, callbacks=[recorder])
    model.predict(x, batch_size=4, verbose=0, callbacks=[recorder])
    return recorder.events


def progress():
    """Texts of Progbar under a clock of our own: [target, verbose, [current, logs, final, now, text]]."""
    runs = [
        (3, 1, [(1, {"loss": 0.5}, False, 100.4), (2, {"loss": 0.25}, False, 100.41),
                (2, {"loss": 0.25}, False, 100.6), (3, {"accuracy": 0.75, "loss": 0.0005}, True, 101.7)]),
        (3, 2, [(3, {"accuracy": 0.75, "loss": -0.2}, True, 101.7)]),
        (12500, 1, [(1, {"loss": 12.5}, False, 103.0), (70, {"loss": 1e-7}, False, 108.0),
                    (4000, {"loss": 3.0}, False, 108.1), (12500, {"loss": float("nan")}, True, 180.0)]),
        (200, 1, [(1, {}, False, 101.0), (2, {}, False, 140.0), (100, {}, False, 4000.0),
                  (200, {}, True, 7200.0)]),
        (None, 1, [(1, {"loss": 1.0}, False, 101.0), (8, {"loss": 0.5}, False, 102.0)]),
        (1, 1, [(1, {"per_class": [0.25, 0.75], "loss": 1.5}, True, 100.0002)]),
    ]
    real = time.time
    result = []
    for target, verbose, updates in runs:
        clock = [100.0]
        time.time = lambda: clock[0]
        try:
            bar = keras.utils.Progbar(target, verbose=verbose, stateless_metrics=set())
            texts = []
            for current, logs, final, now in updates:
                clock[0] = now
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    bar.update(current, [(k, np.array(v) if isinstance(v, list) else v)
                                         for k, v in logs.items()], finalize=final)
                listed = [[k, [None] if v != v else v if isinstance(v, list) else [v]]
                          for k, v in logs.items()]
                texts.append([current, listed, final, now, out.getvalue()])
        finally:
            time.time = real
        result.append([target or 0, verbose, texts])
    return result


def csv_files():
    """[separator, rows of logs, text of the file]."""
    runs = [
        (",", [{"loss": 0.1, "accuracy": 1.0}, {"loss": 1e-05, "accuracy": 0.5, "val_loss": 2.0}]),
        (";", [{"val_loss": 1e16, "loss": 123456.789, "scores": [0.5, 0.25]},
               {"val_loss": float("inf"), "loss": float("nan"), "scores": [1.0, 0.0]}]),
    ]
    result = []
    for separator, rows in runs:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log.csv")
            logger = keras.callbacks.CSVLogger(path, separator=separator)
            logger.on_train_begin()
            for epoch, logs in enumerate(rows):
                logger.on_epoch_end(epoch, logs)
            logger.on_train_end()
            text = open(path, newline="").read()
        listed = [[[k, [str(x) for x in (v if isinstance(v, list) else [v])]] for k, v in row.items()]
                  for row in rows]
        result.append([separator, listed, text])
    return result


def paths():
    """[form, logs, path] of ModelCheckpoint at the end of epoch 7."""
    logs = {"loss": 0.123456, "val_loss": 12.5, "tiny": 1e-07}
    forms = ["plain.keras", "{epoch:02d}-{val_loss:.2f}.keras", "{epoch}.keras", "{epoch:4d}.keras",
             "{loss}_{val_loss:08.3f}_{tiny:.1e}.keras", "{{x}}{loss:.3g}_{loss:.1%}.keras",
             "{tiny}_{val_loss:+.1f}.keras", "{epoch:.1f}.keras"]
    result = []
    for form in forms:
        checkpoint = keras.callbacks.ModelCheckpoint(form)
        result.append([form, plain(logs), checkpoint._get_file_path(6, None, logs)])
    return result


def main():
    # Small numbers of one line; arrays are long, so no indentation below the cases.
    parts = [json.dumps(c) for c in cases()]
    rest = {"events": events(), "progress": progress(), "csv": csv_files(), "paths": paths()}
    text = '{\n"cases": [\n' + ",\n".join(parts) + "\n],\n"
    text += ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in rest.items()) + "\n}\n"
    OUT.write_text(text)
    print(f"{len(parts)} cases, {OUT.stat().st_size} bytes")


main()
