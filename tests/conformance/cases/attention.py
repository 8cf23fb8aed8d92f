"""Attention of all kinds: forms of scores, masks given and carried, several axes, scores given back."""

import keras
import numpy as np
from keras import layers

from .case import normal

T, S, WIDTH, WORDS = 5, 4, 6, 9


def steps(time=T, width=WIDTH):
    return keras.Input((time, width))


def flags(*shape):
    return keras.Input(shape, dtype="bool")


def cross(layer, *times, **arguments):
    """A layer that takes a list."""
    inputs = [steps(t) for t in times or (T, S)]
    return keras.Model(inputs, layers.Dense(2)(layer(inputs, **arguments)))


def heads(layer, *times, **arguments):
    """A layer that takes query, value and key."""
    inputs = [steps(t) for t in times or (T, S)]
    return keras.Model(inputs, layers.Dense(2)(layer(*inputs, **arguments)))


def with_scores(layer, listed=False, **arguments):
    inputs = [steps(T), steps(S if listed else T)]  # Keras expects as many keys as queries there
    found, scores = layer(inputs if listed else inputs[0], *([] if listed else inputs[1:]),
                          return_attention_scores=True, **arguments)
    return keras.Model(inputs, [found, layers.Reshape((-1,))(scores)])


def words(attend, masked=True):
    """What attend makes of words, some of which are masked."""
    x = keras.Input((T,), dtype="int32")
    embedded = layers.Embedding(WORDS, WIDTH, mask_zero=masked)(x)
    return keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(attend(embedded))))


def given_masks(layer, names, listed=False, **arguments):
    """Masks by name: [T] for the query, [S] for value and key, [T, S] for attention_mask."""
    inputs = [steps(T), steps(S)]
    shapes = {"query": (T,), "attention": (T, S)}
    masks = [None if n is None else flags(*shapes.get(n, (S,))) for n in names]
    if listed:
        y = layer(inputs, mask=masks, **arguments)
    else:
        y = layer(*inputs, **{f"{n}_mask": m for n, m in zip(names, masks)}, **arguments)
    return keras.Model(inputs + [m for m in masks if m is not None], layers.Dense(2)(y))


def residual(x):
    attended = layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
    return layers.LayerNormalization()(layers.Add()([x, attended]))


def blocks():
    """A word's answers, masked in the loss; the second block sees none of the masks, for the first took them."""
    x = keras.Input((T,), dtype="int32")
    h = layers.Embedding(WORDS, WIDTH, mask_zero=True)(x)
    for _ in range(2):
        h = layers.LayerNormalization()(layers.Add()([h, layers.MultiHeadAttention(2, 3)(h, h)]))
    return keras.Model(x, layers.Dense(2)(h))


def memory():
    """Two layers that look at the same masked words."""
    x, y = keras.Input((T,), dtype="int32"), steps(S)
    words = layers.Embedding(WORDS, WIDTH, mask_zero=True)(x)
    first = layers.MultiHeadAttention(2, 3)(y, words)
    return keras.Model([x, y], layers.Dense(2)(layers.MultiHeadAttention(1, 3)(first, words)))


def axes(shape, key_shape=None, attention_mask=None, **arguments):
    x = keras.Input(shape)
    y = x if key_shape is None else keras.Input(key_shape)
    inputs = [x] if key_shape is None else [x, y]
    kwargs = {}
    if attention_mask:
        kwargs["attention_mask"] = flags(*attention_mask)
        inputs.append(kwargs["attention_mask"])
    return keras.Model(inputs, layers.Dense(2)(layers.MultiHeadAttention(2, 3, **arguments)(x, y, **kwargs)))


def cases():
    reg, con = keras.regularizers, keras.constraints
    A, D, M, G = layers.Attention, layers.AdditiveAttention, layers.MultiHeadAttention, layers.GroupQueryAttention
    regularized = dict(kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer=reg.L2(0.01),
                       bias_regularizer="l1", activity_regularizer=reg.L2(0.02), kernel_constraint=con.MaxNorm(0.9),
                       bias_constraint="non_neg")
    models = {
        "dot": cross(A()), "dot_with_key": cross(A(use_scale=True), T, S, S),
        "concat": cross(A(score_mode="concat")), "concat_scaled_causal":
            cross(A(score_mode="concat", use_scale=True), T, T, T, use_causal_mask=True),
        "dot_causal": cross(A(dropout=0.0, seed=3), use_causal_mask=True),
        "dot_scores": with_scores(A(use_scale=True), True, use_causal_mask=True),
        "dot_carried": words(lambda x: A(use_scale=True)([x, x])),
        "dot_carried_causal": words(lambda x: A()([x, x, x], use_causal_mask=True)),
        "dot_given": given_masks(A(), ["query", "value"], True),
        "dot_given_value": given_masks(A(use_scale=True), [None, "value"], True, use_causal_mask=True),
        "dot_given_query": given_masks(A(), ["query", None], True),
        "additive": cross(D()), "additive_unscaled": cross(D(use_scale=False), S, T, T),
        "additive_scores": with_scores(D(seed=1), True),
        "additive_carried": words(lambda x: D()([x, x], use_causal_mask=True)),
        "additive_given": given_masks(D(), ["query", "value"], True),
        "heads": heads(M(2, 3)), "heads_with_key": heads(M(3, 2, use_bias=False), T, S, S),
        "heads_output_shape": heads(M(2, 3, output_shape=4)),
        "heads_output_shape_two": heads(M(2, 3, output_shape=(2, 3))),
        "heads_causal": heads(M(1, 4), T, T, use_causal_mask=True),
        "heads_causal_cross": heads(M(2, 3), S, T, use_causal_mask=True),
        "heads_window": heads(M(2, 3, sliding_window=2), T, T),
        "heads_window_causal": heads(M(2, 3, sliding_window=3, use_gate=True), use_causal_mask=True),
        "heads_gate": heads(M(2, 3, use_gate=True)),
        "heads_regularized": heads(M(2, 3, **regularized)),
        "heads_flash": heads(M(2, 3, flash_attention=False, seed=2)),
        "heads_scores": with_scores(M(2, 3)),
        "heads_scores_causal": with_scores(M(2, 3, value_dim=4, sliding_window=3), use_causal_mask=True),
        "heads_carried": words(lambda x: M(2, 3)(x, x)),
        "heads_carried_causal": words(lambda x: M(2, 3)(x, x, use_causal_mask=True)),
        "heads_carried_scores": words(lambda x: M(2, 3)(x, x, return_attention_scores=True)[0]),
        "heads_carried_key": words(lambda x: M(2, 3)(layers.Dense(4)(x), layers.Dense(3)(x), x)),
        "heads_residual": words(residual),
        "heads_given": given_masks(M(2, 3), ["query", "value", "attention"]),
        "heads_given_key": given_masks(M(2, 3), ["value", "key"], use_causal_mask=True),
        "heads_given_attention": given_masks(M(2, 3), ["attention"]),
        "heads_two_axes": axes((3, 4, 5)), "heads_two_axes_cross": axes((3, 2, 5), (2, 4, 5), value_dim=2),
        "heads_first_axis": axes((3, 4, 5), attention_axes=1), "heads_last_axis": axes((3, 4, 5), attention_axes=[-2]),
        "heads_last_axis_masked": axes((3, 4, 5), attention_axes=2, attention_mask=(4, 4)),
        "heads_two_axes_masked": axes((2, 3, 5), attention_mask=(2, 3, 2, 3), use_gate=True),
        "groups": heads(G(3, 4, 2)), "groups_one": heads(G(2, 3, 1, use_bias=False), T, T, use_causal_mask=True),
        "groups_with_key": heads(G(2, 2, 2, use_gate=True), T, S, S),
        "groups_window": heads(G(2, 4, 2, sliding_window=2), use_causal_mask=True),
        "groups_regularized": heads(G(2, 4, 2, **regularized)),
        "groups_scores": with_scores(G(2, 4, 2), use_causal_mask=True),
        "groups_carried": words(lambda x: G(2, 4, 2)(x, x)),
        "groups_given": given_masks(G(2, 4, 2), ["query", "value", "attention"]),
        "heads_blocks": blocks(), "heads_memory": memory(),
    }
    for i, (name, model) in enumerate(models.items()):
        keras.utils.set_random_seed(i)
        model.compile(keras.optimizers.SGD(0.1, momentum=0.5), "mse")
        random = np.random.default_rng(i)
        x = []
        for j, tensor in enumerate(model.inputs):
            shape = (8, *tensor.shape[1:])
            if tensor.dtype == "bool":
                x.append(random.random(shape) < 0.7)
            elif tensor.dtype == "int32":
                x.append(random.integers(0, WORDS, shape).astype("int32") * (random.random(shape) < 0.8))
            else:
                x.append(normal(shape, 10 * i + j))
        out = model(x if len(x) > 1 else x[0])
        y = [normal(o.shape, i + 50 + j) for j, o in enumerate(out if isinstance(out, (list, tuple)) else [out])]
        yield name, model, {"x": x, "y": y, "atol": 1e-4 if "regularized" in name else 2e-5}
