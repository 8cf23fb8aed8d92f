"""Layers that look up and hash, over words of a small vocabulary and others. With KERAS_BACKEND=tensorflow."""

import keras
import numpy as np
from keras import layers

from .draw import between, flag, pick, some

WORDS = ["red", "green", "blue", "tall", "wide", "Zebra", "old", "été"]
OTHERS = ["", "[UNK]", "unknown", "RED", "green!", "naïve", "a b", "x-y", "日本"]


def some_words(r, count):
    return list(r.permutation(WORDS)[:count])


def phrases(r, rows):
    def phrase():
        words = [pick(r, *WORDS, *OTHERS) for _ in range(between(r, 0, 6))]
        return pick(r, " ", "  ", ", ", "\t", "...").join(words) + pick(r, "", "!", " ", "?\u00a0", "'s")

    return np.array([[phrase()] for _ in range(rows)])


def vectorize(r):
    mode = pick(r, "int", "int", "multi_hot", "count", "tf_idf")
    options = some(
        r,
        0.4,
        standardize=(None, "lower", "strip_punctuation"),
        split=("character", "whitespace"),
        ngrams=(2, 3, (1, 3), (2,)),
    )
    words = some_words(r, between(r, 2, 7))
    if options.get("standardize") not in (None, "strip_punctuation") or "standardize" not in options:
        words = [w.lower() for w in words]
    if options.get("split") == "character":
        words = list("redgnbluta ")[: between(r, 3, 9)]
    if flag(r, 0.3):
        words.append(pick(r, "red green", "blue tall", "tall wide old"))
    words = list(dict.fromkeys(str(w) for w in words))
    if mode == "int":
        options |= some(r, 0.6, output_sequence_length=(1, 3, 8))
    else:
        options |= some(r, 0.4, pad_to_max_tokens=True)
        if options.get("pad_to_max_tokens") or flag(r, 0.3):
            options["max_tokens"] = len(words) + between(r, 3, 6)
    if mode == "tf_idf":
        options["idf_weights"] = [round(float(x), 3) for x in r.uniform(0.2, 2, len(words))]
    x = keras.Input((1,), dtype="string")
    if flag(r, 0.5) or mode == "tf_idf":
        layer = layers.TextVectorization(output_mode=mode, vocabulary=words, **options)
    else:
        options.pop("idf_weights", None)
        layer = layers.TextVectorization(output_mode=mode, **options)
        layer.adapt(phrases(r, 20)[:, 0])
    h = layer(x)
    if mode == "int" and flag(r, 0.5):
        h = layers.GlobalAveragePooling1D()(layers.Embedding(60, 3, mask_zero=flag(r))(h))
    return keras.Model(x, h), {"x": phrases(r, between(r, 3, 12))}


def lookup(r):
    numbers = flag(r)
    words = (
        [int(i) for i in r.permutation(20)[: between(r, 2, 7)]]
        if numbers
        else [str(w) for w in some_words(r, between(r, 2, 7))]
    )
    mode = pick(r, "int", "int", "one_hot", "multi_hot", "count", "tf_idf")
    options = some(
        r,
        0.5,
        num_oov_indices=(0, 1, 2, 3),
        mask_token=((0,) if numbers and 0 not in words else ("", "mask")) if flag(r) or not numbers else (None,),
    )
    if numbers:
        options.pop("mask_token", None)
        options |= some(r, 0.4, mask_token=(99, 50))
    invert = mode == "int" and flag(r, 0.3)
    if mode == "tf_idf":
        options["idf_weights"] = [round(float(x), 3) for x in r.uniform(0.2, 2, len(words))]
    if mode != "int" and flag(r, 0.4):
        options |= {"pad_to_max_tokens": True, "max_tokens": len(words) + between(r, 4, 8)}
    if flag(r, 0.2):
        options["oov_token"] = -7 if numbers else "none"
    kind = layers.IntegerLookup if numbers else layers.StringLookup
    adapt = flag(r, 0.3) and mode != "tf_idf"
    rows, width = between(r, 3, 12), 1 if mode == "one_hot" and flag(r) else between(r, 1, 4)
    known = options.get("num_oov_indices", 1) == 0
    if numbers:
        x = r.choice(words if known else [*range(-3, 25), 99], (rows, width)).astype("int64")
    else:
        x = np.array(r.choice(words if known else WORDS + OTHERS + ["mask"], (rows, width)))
    if invert:
        layer = kind(vocabulary=words, invert=True, **{k: v for k, v in options.items() if k != "num_oov_indices"})
        x = r.integers(0, len(words) + 3, (rows, width)).astype("int64")
        inputs = keras.Input((width,), dtype="int64")
        return keras.Model(inputs, layer(inputs)), {"x": x}
    if adapt:
        layer = kind(output_mode=mode, **options)
        layer.adapt(r.choice(words, 30))
    else:
        layer = kind(output_mode=mode, vocabulary=words, **options)
    inputs = keras.Input((width,), dtype="int64" if numbers else "string")
    return keras.Model(inputs, layer(inputs)), {"x": x}


def hashing(r):
    numbers = flag(r)
    rows, width = between(r, 3, 12), between(r, 1, 3)
    x = (
        r.integers(-5, 50, (rows, width)).astype("int64")
        if numbers
        else np.array(r.choice(WORDS + OTHERS, (rows, width)))
    )
    inputs = keras.Input((width,), dtype="int64" if numbers else "string")
    options = some(r, 0.4, salt=(7, [3, 9]), mask_value=(7 if numbers else "red",))
    mode = pick(r, "int", "int", "one_hot", "multi_hot", "count")
    layer = layers.Hashing(between(r, 2, 9), output_mode=mode, **options)
    return keras.Model(inputs, layer(inputs)), {"x": x}


def crossed(r):
    rows = between(r, 3, 12)
    columns, inputs = [], []
    for i in range(between(r, 2, 3)):
        numbers = flag(r)
        columns.append(
            r.integers(0, 9, (rows, 1)).astype("int64") if numbers else np.array(r.choice(WORDS + OTHERS, (rows, 1)))
        )
        inputs.append(keras.Input((1,), dtype="int64" if numbers else "string"))
    layer = layers.HashedCrossing(between(r, 2, 12), output_mode=pick(r, "int", "one_hot"))
    return keras.Model(inputs, layer(inputs)), {"x": columns}


def case(r):
    return pick(r, vectorize, vectorize, vectorize, lookup, lookup, hashing, crossed)(r)
