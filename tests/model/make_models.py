"""Writes ../data/models.json: models as the real Keras configures them, for model_json_test.cpp.

Run with Keras 3.15.1: KERAS_BACKEND=jax python make_models.py
"""
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras  # noqa: E402
from keras import layers  # noqa: E402


def chain():
    return keras.Sequential([keras.Input((8,)), layers.Dense(10, activation="relu"), layers.Dropout(0.2),
                             layers.BatchNormalization(), layers.Dense(1, activation="sigmoid", name="last")])


def residual():
    x = keras.Input((6,), name="x")
    a = layers.Dense(6, activation="relu")(x)
    b = layers.Dense(6)(a)
    c = layers.Add()([b, x])
    d = layers.Dense(3)(layers.Activation("tanh")(c))
    return keras.Model(x, d)


def uneven():
    """Ways of different lengths: the order is by depth, then by the way back from the outputs."""
    p, q = keras.Input((4,), name="p"), keras.Input((5,), name="q")
    long = layers.Dense(3, name="l3")(layers.Dense(3, name="l2")(layers.Dense(3, name="l1")(q)))
    short = layers.Dense(3, name="s1")(p)
    both = layers.Concatenate(name="both")([short, long])
    return keras.Model([p, q], [layers.Dense(2, name="o1")(both), layers.Dense(1, name="o2")(short)])


def shared():
    """One layer called three times, at different depths."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    d = layers.Dense(4, name="shared")
    norm = layers.BatchNormalization(name="norm")
    return keras.Model([a, b], layers.Multiply()([norm(d(a)), norm(d(d(b)))]))


def nested():
    inner_in = keras.Input((4,))
    inner = keras.Model(inner_in, [layers.Dense(3)(inner_in), layers.Dense(2)(inner_in)], name="inner")
    tower = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.LayerNormalization()], name="tower")
    x = keras.Input((4,))
    u, v = inner(tower(x))
    w, _ = inner(x)
    out = layers.Dense(1)(layers.Concatenate()([u, v, w]))
    tower.trainable = False
    return keras.Model(x, out)


def unused_input():
    a, b, c = (keras.Input((2,), name=n) for n in "abc")
    return keras.Model([a, b, c], layers.Dense(1)(b))


def training_argument():
    x = keras.Input((3,))
    return keras.Model(x, layers.Dense(1)(layers.BatchNormalization()(x, training=False)))


def integers():
    x = keras.Input((3,), dtype="int32", name="codes")
    return keras.Model(x, layers.Rescaling(0.5)(x))


def strip(node):
    if isinstance(node, dict):
        return {k: strip(v) for k, v in node.items() if k not in ("shared_object_id", "compile_config")}
    return [strip(v) for v in node] if isinstance(node, list) else node


def describe(make):
    keras.backend.clear_session()
    model = make()
    return {
        "json": strip(json.loads(json.dumps(keras.saving.serialize_keras_object(model)))),
        "layers": [layer.name for layer in model.layers],
        "weights": [list(w.shape) for w in model.weights],
        "trainable": [list(w.shape) for w in model.trainable_weights],
        "params": model.count_params(),
    }


cases = [chain, residual, uneven, shared, nested, unused_input, training_argument, integers]
path = pathlib.Path(__file__).parent.parent / "data" / "models.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps({case.__name__: describe(case) for case in cases}, indent=1) + "\n")
