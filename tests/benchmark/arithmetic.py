"""The arithmetic of a saved model's products: operations (a multiply and an add are two) for each row of a batch.

    python3 arithmetic.py MODEL.keras

Counts dense layers, convolutions, recurrent layers and attention by the shapes that the file tells; all else is small
beside them. A training step does the forward pass, the gradients of the weights and those of the inputs; the last are
not needed for a layer that stands on the model's input alone.
"""

import json
import math
import sys
import zipfile

GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}


def dense(config, shape):
    return 2 * math.prod(shape[1:]) * config["units"]


def conv(config, shape):
    size, strides = config["kernel_size"], config["strides"]
    same = config["padding"] == "same"
    outputs = [math.ceil(n / s) if same else (n - k) // s + 1 for n, k, s in zip(shape[1:-1], size, strides)]
    return 2 * math.prod(outputs) * math.prod(size) * shape[-1] * config["filters"] // config.get("groups", 1)


def recurrent(config, shape, gates):
    units = config["units"]
    return 2 * shape[1] * gates * units * (shape[2] + units), 2 * shape[1] * gates * units * units


def attention(config, shape):
    length, width = shape[1:]
    heads = config["num_heads"] * config["key_dim"]
    projections = 4 * 2 * length * width * heads
    return projections + 2 * 2 * length * length * heads


def input_names(node):
    """Names of the layers whose tensors a call takes."""
    if isinstance(node, dict):
        if node.get("class_name") == "__keras_tensor__":
            yield node["config"]["keras_history"][0]
        else:
            for value in node.values():
                yield from input_names(value)
    elif isinstance(node, list):
        for value in node:
            yield from input_names(value)


def shape_of(layer):
    shape = (layer.get("build_config") or {}).get("input_shape") or layer["build_config"]["shapes_dict"]["query_shape"]
    return shape[0] if isinstance(shape[0], list) else shape


def operations(path):
    """(a forward pass, a training step)"""
    with zipfile.ZipFile(path) as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    inputs = {layer["config"]["name"] for layer in layers if layer["class_name"] == "InputLayer"}
    forward = step = 0
    for position, layer in enumerate(layers):
        kind, config = layer["class_name"], layer["config"]
        at_start = set(input_names(layer.get("inbound_nodes", []))) <= inputs if inputs else position == 0
        if kind in GATES:
            once, in_time = recurrent(config, shape_of(layer), GATES[kind])
            forward, step = forward + once, step + 2 * once + (in_time if at_start else once)
            continue
        if kind == "Dense":
            once = dense(config, shape_of(layer))
        elif kind in ("Conv1D", "Conv2D", "Conv3D"):
            once = conv(config, shape_of(layer))
        elif kind == "MultiHeadAttention":
            once = attention(config, shape_of(layer))
        else:
            continue
        forward, step = forward + once, step + (2 if at_start else 3) * once
    return forward, step


if __name__ == "__main__":
    print("forward {:,}, training step {:,} operations a row".format(*operations(sys.argv[1])))
