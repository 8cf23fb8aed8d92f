"""Layers of several inputs or outputs, of numbers that stand for things, and of data that are made ready."""

import keras
import numpy as np
from keras import layers

from .draw import ACTIVATIONS, between, constraint, flag, integers, normal, number, pick, regularizer, some


def graph(r, inputs, outputs):
    inputs, outputs = list(inputs), list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    arrays = []
    for tensor in inputs:
        shape = (12, *tensor.shape[1:])
        arrays.append(normal(r, shape) if tensor.dtype == "float32" else integers(r, 5, shape, tensor.dtype))
    return keras.Model(inputs, outputs if len(outputs) > 1 else outputs[0]), arrays


def merge(r):
    shape = pick(r, (3,), (4, 3), (2, 4, 3))
    kind = pick(r, "Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Concatenate", "Dot")
    if kind == "Dot":
        a, b = keras.Input((4, 3)), keras.Input((4, 3))
        if flag(r):
            a, b = keras.Input((4, 3)), keras.Input((3, 2))
            return graph(r, (a, b), layers.Dot(axes=(2, 1), normalize=flag(r))([a, b]))
        return graph(r, (a, b), layers.Dot(axes=pick(r, 1, 2, -1, (1, 1), (2, 2)), normalize=flag(r))([a, b]))
    count = 2 if kind == "Subtract" else between(r, 2, 4)
    inputs = [keras.Input(shape) for _ in range(count)]
    if kind == "Concatenate":
        axis = pick(r, -1, between(r, 1, len(shape)))
        return graph(r, inputs, layers.Concatenate(axis=axis)(inputs))
    if flag(r, 0.4):
        inputs[1] = keras.Input(pick(r, (1,) * len(shape), (*shape[:-1], 1), shape[-1:]))
    return graph(r, inputs, getattr(layers, kind)()(inputs))


def heads(r):
    shape = pick(r, (4, 6), (3, 4, 6))
    q, v = keras.Input(shape), keras.Input(pick(r, shape, (*shape[:-2], 5, 6)))
    options = some(
        r,
        0.35,
        value_dim=(2, 5),
        use_bias=False,
        output_shape=(3, (2, 3)),
        kernel_regularizer=regularizer,
        kernel_constraint=constraint,
        dropout=0.0,
        seed=3,
        flash_attention=False,
    )
    if len(shape) == 3:
        options |= some(r, 0.5, attention_axes=(2, (1, 2), (1,)))
    layer = layers.MultiHeadAttention(between(r, 1, 3), between(r, 1, 4), **options)
    call = some(r, 0.3, use_causal_mask=True, return_attention_scores=True)
    if flag(r, 0.3):
        call["key"] = keras.Input(v.shape[1:])
        return graph(r, (q, v, call["key"]), layer(q, v, **call))
    return graph(r, (q, v), layer(q, v, **call))


def grouped(r):
    q, v = keras.Input((4, 6)), keras.Input((pick(r, 4, 5), 6))
    groups = between(r, 1, 2)
    layer = layers.GroupQueryAttention(
        between(r, 1, 4),
        groups * between(r, 1, 2),
        groups,
        **some(r, 0.3, use_bias=False, kernel_regularizer=regularizer)
    )
    return graph(r, (q, v), layer(q, v, **some(r, 0.3, use_causal_mask=True, return_attention_scores=True)))


def attention(r):
    q, v = keras.Input((4, 3)), keras.Input((5, 3))
    kind = pick(
        r,
        lambda: layers.Attention(use_scale=flag(r), score_mode=pick(r, "dot", "concat")),
        lambda: layers.AdditiveAttention(use_scale=flag(r)),
    )()
    return graph(r, (q, v), kind([q, v], **some(r, 0.3, use_causal_mask=True, return_attention_scores=True)))


def states(r):
    kind = pick(r, layers.SimpleRNN, layers.LSTM, layers.GRU)
    x = keras.Input((5, 3))
    units = between(r, 1, 4)
    options = some(r, 0.4, return_sequences=True, go_backwards=True, unroll=True, zero_output_for_mask=True)
    count = 2 if kind is layers.LSTM else 1
    if flag(r, 0.35):
        options.pop("go_backwards", None)
        layer = layers.Bidirectional(
            kind(units, return_state=True, **options), merge_mode=pick(r, "concat", "sum", "ave", "mul", None)
        )
        count *= 2
    else:
        layer = kind(units, return_state=True, **options)
    given = [keras.Input((units,)) for _ in range(count)] if flag(r, 0.5) else []
    return graph(r, (x, *given), layer(x, initial_state=given) if given else layer(x))


def cells(r):
    def cell():
        return pick(
            r,
            lambda: layers.GRUCell(between(r, 1, 4), reset_after=flag(r)),
            lambda: layers.LSTMCell(between(r, 1, 4)),
            lambda: layers.SimpleRNNCell(between(r, 1, 4), activation=pick(r, *ACTIVATIONS[:4])),
        )()

    x = keras.Input((5, 3))
    made = [cell() for _ in range(between(r, 1, 3))]
    layer = layers.RNN(
        pick(r, made, layers.StackedRNNCells(made)) if len(made) > 1 else made[0],
        **some(r, 0.4, return_sequences=True, go_backwards=True, return_state=True, unroll=True)
    )
    out = layer(x)
    flat = []
    for item in out if isinstance(out, (list, tuple)) else [out]:
        flat += list(item) if isinstance(item, (list, tuple)) else [item]
    return graph(r, (x,), flat)


def embedding(r):
    ids = keras.Input(pick(r, (), (4,), (2, 3)), dtype=pick(r, "int32", "int64", "float32", "uint8"))
    kind = pick(r, layers.Embedding, layers.ReversibleEmbedding)
    layer = kind(
        5, 3, **some(r, 0.3, embeddings_regularizer=regularizer, embeddings_constraint=constraint, mask_zero=True)
    )
    h = layer(ids)
    model, arrays = graph(r, (ids,), layers.Dense(2)(h) if kind is layers.Embedding else layer(h, reverse=True))
    return model, [np.abs(np.round(a)).clip(0, 4).astype(a.dtype) for a in arrays]


def encoding(r):
    mode = pick(r, "one_hot", "multi_hot", "count")
    shape = pick(r, (1,), (4,)) if mode != "one_hot" else pick(r, (1,), (4,), ())
    kind = pick(r, "category", "bins", "hash", "lookup")
    if kind == "category":
        x = keras.Input(shape, dtype=pick(r, "int32", "int64"))
        return graph(r, (x,), layers.CategoryEncoding(between(r, 5, 7), output_mode=mode)(x))
    x = keras.Input(shape)
    edges = sorted(number(r, -2, 2) for _ in range(between(r, 1, 4)))
    if flag(r):
        mode = "int"
    layer = layers.Discretization(bin_boundaries=edges, output_mode=mode)
    if flag(r, 0.3):
        layer = layers.Discretization(num_bins=between(r, 2, 5), epsilon=pick(r, 0.01, 0.1), output_mode=mode)
        layer.adapt(normal(r, (50, *shape)))
    return graph(r, (x,), layer(x))


def normalization(r):
    shape = pick(r, (3,), (4, 3), (2, 4, 3))
    axis = pick(r, -1, None)
    x = keras.Input(shape)
    values = (number(r, -1, 1), number(r, 0.2, 2)) if axis is None or flag(r) else ([0.1, 0.5, -0.3], [1.0, 0.5, 2.0])
    layer = layers.Normalization(axis=axis, mean=values[0], variance=values[1], invert=flag(r, 0.3))
    return graph(r, (x,), layer(x))


def picture(r):
    data_format = pick(r, "channels_last", "channels_first")
    shape = (6, 7, 3) if data_format == "channels_last" else (3, 6, 7)
    x = keras.Input(shape, dtype=pick(r, "float32", "uint8", "int32"))
    layer = pick(
        r,
        lambda: layers.CenterCrop(between(r, 2, 9), between(r, 2, 9), data_format=data_format),
        lambda: layers.Resizing(
            between(r, 2, 9),
            between(r, 2, 9),
            data_format=data_format,
            **some(r, 0.5, interpolation=("nearest", "bilinear", "bicubic", "lanczos3"), antialias=True),
            **pick(r, {}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": 0.5})
        ),
        lambda: layers.Rescaling(1 / 255.0, offset=number(r, -1, 1)),
        lambda: layers.RandomFlip(),
        lambda: layers.RandomCrop(4, 5, data_format=data_format),
        lambda: layers.Solarization(value_range=(0, 1)),
        lambda: layers.RandomRotation(0.1, data_format=data_format),
        lambda: layers.AutoContrast(value_range=(0, 255)) if data_format == "channels_last" else layers.RandomZoom(0.1),
        lambda: layers.Equalization(value_range=(0, 255), data_format=data_format),
        lambda: layers.RandomGrayscale(0.0, data_format=data_format),
    )()
    return graph(r, (x,), layer(x))


def constraints(r):
    """All regularizers, constraints and initializers by their configurations."""
    c, k = keras.constraints, keras.regularizers
    x = keras.Input((4,))
    kernel = pick(
        r,
        c.MaxNorm(number(r, 0.3, 1), axis=pick(r, 0, 1)),
        c.UnitNorm(axis=pick(r, 0, 1, [0, 1])),
        c.NonNeg(),
        c.MinMaxNorm(0.2, 0.6, rate=number(r, 0.2, 1), axis=pick(r, 0, 1)),
        None,
    )
    penalty = pick(
        r, k.L1(0.02), k.L2(0.05), k.L1L2(0.01, 0.02), k.OrthogonalRegularizer(0.03, mode=pick(r, "rows", "columns"))
    )
    h = layers.Dense(
        4,
        kernel_constraint=kernel,
        kernel_regularizer=penalty,
        activity_regularizer=pick(r, None, "l1", k.L2(0.02)),
        bias_regularizer=pick(r, None, "l1"),
        activation=pick(r, *ACTIVATIONS),
    )(x)
    return graph(r, (x,), layers.ActivityRegularization(pick(r, 0.0, 0.02), pick(r, 0.0, 0.01))(layers.Dense(2)(h)))


MAKERS = [
    merge,
    merge,
    heads,
    heads,
    grouped,
    attention,
    states,
    states,
    cells,
    embedding,
    encoding,
    normalization,
    picture,
    constraints,
]


def case(r):
    model, x = pick(r, *MAKERS)(r)
    if any("int" in str(t.dtype) for t in model.outputs) or not model.trainable_weights and flag(r):
        return model, {"x": x}
    model.compile(keras.optimizers.SGD(0.02), pick(r, "mse", "mae") if len(model.outputs) == 1 else "mse")
    y = [normal(r, (12, *t.shape[1:])) for t in model.outputs]
    return model, {"x": x, "y": y if len(y) > 1 else y[0]}
