"""Writes tests/data/nn_text.json: what Keras' text layers give for some arguments and inputs.

    KERAS_BACKEND=tensorflow python3 tests/nn/make_text.py

Needs keras and tensorflow. Each case: class, config, the data to adapt to (or null), input and its dtype,
output and its kind.
"""

import json
import pathlib

import keras
import numpy as np

COLOURS = [["red", "green"], ["x", "red"], ["", "blue"], ["green", "tall"], ["red", "red"]]
TEXTS = [["The cat, the DOG!"], ["a cat sat  on\tthe mat"], ["dog: (dog) dog"], ["Ünïcode straße 日本"], [""]]
NUMBERS = [[3, 5], [-7, 8], [3, 1000000], [0, 5], [12, -1]]

LOOKUPS = [
    dict(vocabulary=["red", "green", "blue"]),
    dict(vocabulary=["red", "green"], num_oov_indices=3),
    dict(vocabulary=["red", "green"], num_oov_indices=2, salt=[7, 9]),
    dict(vocabulary=["[UNK]", "red", "green"]),
    dict(vocabulary=["red", "green"], mask_token=""),
    dict(vocabulary=["red", "green"], output_mode="one_hot"),
    dict(vocabulary=["red", "green"], output_mode="multi_hot", mask_token=""),
    dict(vocabulary=["red", "green"], output_mode="count", max_tokens=7, pad_to_max_tokens=True),
    dict(vocabulary=["red", "green"], output_mode="tf_idf", idf_weights=[0.5, 2.0]),
    dict(),
    dict(max_tokens=3),
    dict(mask_token="", num_oov_indices=2),
    dict(output_mode="count"),
    dict(output_mode="tf_idf"),
]
INTEGERS = [
    dict(vocabulary=[3, 5, 8]),
    dict(vocabulary=[3, 5], num_oov_indices=3),
    dict(vocabulary=[3, 5], num_oov_indices=3, oov_method="farmhash"),
    dict(vocabulary=[3, 5], num_oov_indices=3, oov_method="farmhash", salt=11),
    dict(vocabulary=[3, 5], mask_token=0, output_mode="multi_hot"),
    dict(),
    dict(output_mode="tf_idf"),
]
VECTORS = [
    dict(output_sequence_length=5),
    dict(output_sequence_length=4, ngrams=2),
    dict(output_sequence_length=6, split="character", standardize="lower"),
    dict(output_sequence_length=3, standardize=None),
    dict(output_sequence_length=3, standardize="strip_punctuation", max_tokens=6),
    dict(output_mode="multi_hot"),
    dict(output_mode="count", ngrams=(1, 3)),
    dict(output_mode="tf_idf"),
    dict(output_mode="tf_idf", max_tokens=30, pad_to_max_tokens=True),
    dict(output_sequence_length=3, vocabulary=["cat", "dog", "the"]),
]
HASHES = [dict(num_bins=7), dict(num_bins=9, salt=[3, 4]), dict(num_bins=5, output_mode="one_hot"),
          dict(num_bins=6, output_mode="multi_hot"), dict(num_bins=6, output_mode="count")]


def plain(array):
    array = np.asarray(array)
    if array.dtype == object:
        return [[text.decode() for text in row] for row in array], "string"
    return array.tolist(), "float" if array.dtype.kind == "f" else "int"


def case(layer, inputs, dtype, adapt=None):
    arrays = [np.array(x, dtype=object if dtype == "string" else np.int64) for x in inputs]
    if adapt is not None:
        layer.adapt(arrays[0])
    tensors = [keras.ops.convert_to_tensor(x, dtype=None if dtype == "string" else dtype) for x in arrays]
    output, kind = plain(keras.ops.convert_to_numpy(layer(tensors if len(tensors) > 1 else tensors[0])))
    config = layer.get_config()
    if adapt is not None:
        config.update(vocabulary=None, idf_weights=None, vocabulary_size=None)
    return {"class": type(layer).__name__, "config": config, "adapt": adapt is not None, "inputs": inputs,
            "dtype": dtype, "output": output, "kind": kind}


def cases():
    layers = keras.layers
    for options in LOOKUPS:
        yield case(layers.StringLookup(**options), [COLOURS], "string",
                   None if "vocabulary" in options else COLOURS)
    yield case(layers.StringLookup(vocabulary=["red", "green"], invert=True), [[[0, 1], [2, 9]]], "int64")
    yield case(layers.StringLookup(vocabulary=["red"], invert=True, mask_token="m"), [[[0, 1], [2, 9]]], "int64")
    for options in INTEGERS:
        yield case(layers.IntegerLookup(**options), [NUMBERS], "int64",
                   None if "vocabulary" in options else NUMBERS)
    yield case(layers.IntegerLookup(vocabulary=[4, 2], invert=True), [[[0, 1], [2, 9]]], "int64")
    for options in VECTORS:
        yield case(layers.TextVectorization(**options), [TEXTS], "string",
                   None if "vocabulary" in options else TEXTS)
    for options in HASHES:
        yield case(layers.Hashing(**options), [COLOURS], "string")
        yield case(layers.Hashing(**options), [NUMBERS], "int64")
    yield case(layers.Hashing(num_bins=4, mask_value=""), [COLOURS], "string")
    yield case(layers.Hashing(num_bins=4, mask_value=5), [NUMBERS], "int64")
    left, right = [[row[0]] for row in COLOURS], [[row[1]] for row in COLOURS]
    for mode in ("int", "one_hot"):
        yield case(layers.HashedCrossing(num_bins=11, output_mode=mode), [left, right], "string")
        yield case(layers.HashedCrossing(num_bins=11, output_mode=mode),
                   [[[row[0]] for row in NUMBERS], [[row[1]] for row in NUMBERS]], "int64")


if __name__ == "__main__":
    path = pathlib.Path(__file__).parents[1] / "data/nn_text.json"
    path.write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases()) + "\n]\n")
