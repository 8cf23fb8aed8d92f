"""Plays a model in Keras and writes down what came out."""

import json
import zlib

import keras
import numpy as np
from safetensors.numpy import save_file


def normal(shape, seed):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def move_weights(model):
    """Off their initial values, so that none is 0 or 1."""
    for i, weight in enumerate(model.weights):
        value = np.asarray(weight)
        if value.dtype.kind == "f":
            noise = np.random.default_rng(1000 + i).normal(size=value.shape) * 0.1
            weight.assign(np.abs(value + noise) + 0.1 if "variance" in weight.path else value + noise)


def is_text(array):
    return array.dtype.kind in "OSU"


def decoded(value):
    if isinstance(value, list):
        return [decoded(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def write(folder, model, x=None, y=None, sample_weight=None, fit=None, callbacks=(), rows=12, rtol=2e-4, atol=2e-5,
          file="model.keras"):
    """`x`, `y`: arrays or lists of them; by default inputs of the model's shapes, and no targets."""
    seed = zlib.crc32(folder.name.encode())
    folder.mkdir(parents=True, exist_ok=True)
    if x is None:
        x = [normal((rows, *t.shape[1:]), seed + i) for i, t in enumerate(model.inputs)]
    x = list(x) if isinstance(x, (list, tuple)) else [x]
    y = [] if y is None else list(y) if isinstance(y, (list, tuple)) else [y]
    move_weights(model)
    if file.endswith(".weights.h5"):
        (folder / "model.json").write_text(model.to_json())
        model.save_weights(folder / file)
        y = []
    else:
        model.save(folder / file)
    arrays = {f"x{i}": a for i, a in enumerate(x)} | {f"y{i}": a for i, a in enumerate(y)}
    if any(is_text(a) for a in x):
        import tensorflow  # only its tensors hold text
        x = [tensorflow.constant(a) for a in x]

    def predict(prefix):
        out = model.predict(x if len(x) > 1 else x[0], verbose=0)
        for i, a in enumerate(out if isinstance(out, (list, tuple)) else [out]):
            arrays[f"{prefix}{i}"] = np.asarray(a)

    predict("predict")
    case = {"keras": keras.__version__, "case": f"{folder.parent.name}/{folder.name}", "rtol": rtol, "atol": atol,
            "inputs": len(x), "outputs": len(model.outputs)} | ({} if file == "model.keras" else {"file": file})
    if y:
        fit = {"epochs": 2, "batch_size": 5} | (fit or {})
        targets = y if len(y) > 1 else y[0]
        if sample_weight is not None:
            arrays["sample_weight"] = sample_weight
        made = [getattr(keras.callbacks, c["class"])(**c["config"]) for c in callbacks]
        arguments = dict(fit)
        if "class_weight" in arguments:
            arguments["class_weight"] = {int(k): v for k, v in arguments["class_weight"].items()}
        history = model.fit(x if len(x) > 1 else x[0], targets, sample_weight=sample_weight, shuffle=False, verbose=0,
                            callbacks=made, **arguments).history
        for key, values in history.items():
            if key != "learning_rate" or callbacks:
                arrays[f"history/{key}"] = np.asarray(values, "float32")
        for i, weight in enumerate(model.weights):
            arrays[f"after/{i:03}"] = np.asarray(weight)
        predict("predict_after")
        logs = model.evaluate(x if len(x) > 1 else x[0], targets, sample_weight=sample_weight, verbose=0,
                              batch_size=fit["batch_size"], return_dict=True)
        values = [np.ravel(np.asarray(logs[key], "float32")) for key in sorted(logs)]
        arrays["evaluate"] = np.concatenate(values)
        case |= {"fit": fit, "history_keys": sorted(k[8:] for k in arrays if k.startswith("history/")),
                 "weights": [w.path for w in model.weights], "evaluate_keys": sorted(logs)}
        if callbacks:
            case["callbacks"] = list(callbacks)
    texts = {k: arrays.pop(k) for k in list(arrays) if is_text(arrays[k])}
    for key, prefix in (("string_inputs", "x"), ("string_outputs", "predict")):
        if any(name.startswith(prefix) for name in texts):
            case[key] = {name: decoded(a.tolist()) for name, a in texts.items() if name.startswith(prefix)}
    save_file({k: np.ascontiguousarray(v).reshape(np.shape(v)) for k, v in arrays.items()}, folder / "data.safetensors")
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")
