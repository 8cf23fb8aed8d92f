"""Masks from Masking, Embedding or given by hand, through drawn layers, to losses and metrics."""

import keras
import numpy as np
from keras import layers

from .draw import between, flag, normal, number, pick, some

STEPS, WIDTH = 5, 4


def carrying(r):
    """Layers that hand a mask on, or end it; [time, width] to [time, any]."""
    kind = pick(r, layers.SimpleRNN, layers.LSTM, layers.GRU)
    return pick(
        r,
        lambda: layers.Dense(WIDTH, activation="tanh"),
        lambda: layers.Dropout(0.0),
        lambda: layers.LayerNormalization(),
        lambda: layers.BatchNormalization(momentum=0.7),
        lambda: layers.Activation("relu"),
        lambda: layers.PReLU(),
        lambda: layers.TimeDistributed(layers.Dense(WIDTH)),
        lambda: layers.Conv1D(WIDTH, 2, padding="same"),
        lambda: layers.ELU(),
        lambda: layers.UnitNormalization(),
        lambda: layers.RMSNormalization(),
        lambda: layers.GroupNormalization(2),
        lambda: layers.Rescaling(2.0),
        lambda: layers.Identity(),
        lambda: layers.ActivityRegularization(l2=0.1),
        lambda: layers.GaussianNoise(0.0),
        lambda: layers.SpatialDropout1D(0.0),
        lambda: layers.ZeroPadding1D(1),
        lambda: layers.Cropping1D((0, 1)),
        lambda: layers.Permute((1, 2)),
        lambda: layers.UpSampling1D(2),
        lambda: layers.EinsumDense("abc,cd->abd", (None, WIDTH)),
        lambda: layers.Softmax(axis=pick(r, -1, 1)),
        lambda: layers.SpectralNormalization(layers.Dense(WIDTH)),
        lambda: kind(
            WIDTH, return_sequences=True, **some(r, 0.3, go_backwards=True, zero_output_for_mask=True, unroll=True)
        ),
        lambda: layers.Bidirectional(
            kind(2, return_sequences=True, **some(r, 0.3, zero_output_for_mask=True)),
            merge_mode=pick(r, "concat", "concat", "sum", "mul", "ave"),
        ),
        lambda: layers.RNN([layers.GRUCell(3), layers.LSTMCell(WIDTH)], return_sequences=True),
    )()


def attention(r, h):
    options = some(r, 0.4, use_causal_mask=True)
    return pick(
        r,
        lambda: layers.MultiHeadAttention(2, 3)(h, h, **options),
        lambda: layers.MultiHeadAttention(2, 3, value_dim=2)(h, h, h, **options),
        lambda: layers.GroupQueryAttention(2, 4, 2)(h, h, **options),
        lambda: layers.Attention(score_mode=pick(r, "dot", "concat"), use_scale=flag(r))([h, h], **options),
        lambda: layers.AdditiveAttention(use_scale=flag(r))([h, h, h], **options),
    )()


def merging(r, a, b):
    return pick(
        r,
        layers.Add,
        layers.Subtract,
        layers.Multiply,
        layers.Average,
        layers.Maximum,
        layers.Minimum,
        layers.Concatenate,
        lambda: layers.Concatenate(axis=1),
        lambda: layers.Dot(axes=pick(r, (1, 1), (2, 2))),
    )()([a, b])


def ending(r, h):
    return pick(
        r,
        lambda: layers.GlobalAveragePooling1D(keepdims=flag(r))(h),
        lambda: layers.GlobalMaxPooling1D()(h),
        lambda: layers.Flatten()(h),
        lambda: layers.LSTM(3)(h),
        lambda: layers.GRU(3, go_backwards=True)(h),
        lambda: layers.Bidirectional(layers.SimpleRNN(3))(h),
        lambda: h,
        lambda: h,
        lambda: h,
    )()


def case(r):
    inputs, arrays = [], []

    def masked():
        kind = pick(r, "masking", "embedding", "none")
        if kind == "embedding":
            inputs.append(keras.Input((STEPS,), dtype="int32"))
            ids = r.integers(0, 6, (12, STEPS)).astype("int32")
            ids[:, 0] = np.maximum(ids[:, 0], 1)
            arrays.append(ids)
            return layers.Embedding(6, WIDTH, mask_zero=True)(inputs[-1])
        inputs.append(keras.Input((STEPS, WIDTH)))
        x = normal(r, (12, STEPS, WIDTH))
        value = pick(r, 0.0, number(r, -1, 1))
        x[r.random((12, STEPS)) < 0.35] = value
        x[:, 0] = normal(r, (12, WIDTH)) if flag(r, 0.8) else x[:, 0]
        arrays.append(x)
        return layers.Masking(value)(inputs[-1]) if kind == "masking" else inputs[-1]

    h = masked()
    for _ in range(between(r, 0, 3)):
        h = carrying(r)(h)
    if flag(r, 0.25):
        other = masked()
        if h.shape == other.shape:
            h = merging(r, h, other)
        else:
            h = layers.Concatenate(axis=1)([layers.Dense(3)(h), layers.Dense(3)(other)])
    if flag(r, 0.35) and len(h.shape) == 3:
        h = attention(r, h)
    for _ in range(between(r, 0, 1)):
        h = carrying(r)(h) if len(h.shape) == 3 and h.shape[-1] == WIDTH else h
    h = ending(r, h)
    outputs = layers.Dense(3, activation=pick(r, None, "softmax"))(h) if flag(r, 0.7) else h
    model = keras.Model(inputs, outputs)
    y = normal(r, (12, *outputs.shape[1:]))
    loss, metrics = "mse", ["mae"]
    if flag(r, 0.4) and outputs.shape[-1] == 3:
        labels = r.integers(0, 3, (12, *outputs.shape[1:-1])).astype("int32")
        loss, metrics = "sparse_categorical_crossentropy", ["accuracy", "sparse_top_k_categorical_accuracy"]
        y = labels[..., None] if flag(r) else labels
    weight = None
    if flag(r, 0.4):
        shape = pick(r, (12,), (12, 1), (12, outputs.shape[1]) if len(outputs.shape) == 3 else (12,))
        weight = r.uniform(0.1, 2, shape).astype("float32")
    model.compile(keras.optimizers.SGD(0.05), loss, metrics=metrics, weighted_metrics=metrics if flag(r, 0.4) else None)
    return model, {"x": arrays, "y": y, "sample_weight": weight}
