"""Graphs of layers, operators, slices, ops and models within models, over two inputs."""

import keras
from keras import layers, ops

from .draw import between, flag, normal, number, pick

STEPS, WIDTH = 4, 6


def unary(r, x):
    """Any [4, 6] to [4, 6]."""
    return pick(
        r,
        lambda: -x,
        lambda: abs(x),
        lambda: x * number(r, -2, 2),
        lambda: number(r, 1, 3) - x,
        lambda: x / 2.5,
        lambda: 1.0 / (abs(x) + 1.0),
        lambda: (abs(x) + 0.1) ** number(r, 0.5, 2),
        lambda: x**2,
        lambda: x + normal(r, (WIDTH,)),
        lambda: x[:, ::-1],
        lambda: ops.flip(x, axis=-1),
        lambda: ops.roll(x, 1, axis=1),
        lambda: ops.tanh(x),
        lambda: ops.where(x > 0, x, 0.1 * x),
        lambda: ops.clip(x, -0.5, 0.7),
        lambda: ops.softmax(x, axis=pick(r, 1, 2, -1)),
        lambda: ops.cumsum(x, axis=1) * 0.3,
        lambda: ops.sort(x, axis=-1),
        lambda: ops.log1p(abs(x)),
        lambda: ops.relu(x),
        lambda: x - ops.mean(x, axis=pick(r, 1, -1, (1, 2)), keepdims=True),
        lambda: x // 0.5,
        lambda: x % 0.7,
        lambda: ops.concatenate([x[:, 2:], x[:, :2]], axis=1),
        lambda: ops.stack([x, -x], axis=1)[:, 1],
        lambda: ops.reshape(ops.transpose(ops.reshape(x, (-1, 2, 2, WIDTH)), (0, 2, 1, 3)), (-1, STEPS, WIDTH)),
        lambda: ops.take(x, [3, 1, 0, 2], axis=1),
        lambda: ops.pad(x[:, :, :-1], [[0, 0], [0, 0], [0, 1]]),
        lambda: ops.repeat(x[:, ::2], 2, axis=1),
        lambda: ops.tile(x[..., :3], (1, 1, 2)),
        lambda: ops.squeeze(x[:, None], 1),
        lambda: ops.einsum("bij,kj->bik", x, normal(r, (WIDTH, WIDTH))),
        lambda: ops.sign(x) * ops.sqrt(abs(x) + 0.01),
        lambda: ops.logsumexp(x, axis=1, keepdims=True) + x,
        lambda: ops.cast(x > 0, "float32") * x,
        lambda: ops.cast(ops.argmax(x, axis=-1, keepdims=True), "float32") * 0.1 + x,
        lambda: ops.one_hot(ops.argmax(x, axis=-1), WIDTH) + x,
        lambda: ops.swapaxes(ops.swapaxes(x, 1, 2), 1, 2),
        lambda: ops.matmul(x, normal(r, (WIDTH, WIDTH)) * 0.3),
        lambda: x @ (normal(r, (WIDTH, WIDTH)) * 0.3),
        lambda: ops.concatenate(ops.split(x, 2, axis=-1)[::-1], axis=-1),
        lambda: ops.normalize(x, axis=-1),
        lambda: ops.std(x, axis=1, keepdims=True) * x,
        lambda: ops.stop_gradient(x) + x,
        lambda: layers.Dense(WIDTH, activation="tanh")(x),
        lambda: layers.LayerNormalization()(x),
        lambda: layers.BatchNormalization()(x, training=pick(r, None, None, False)),
        lambda: layers.Dropout(0.0)(x),
        lambda: layers.GRU(WIDTH, return_sequences=True)(x),
        lambda: layers.Conv1D(WIDTH, 3, padding="same")(x),
        lambda: layers.MultiHeadAttention(2, 3)(x, x),
        lambda: layers.Reshape((STEPS, WIDTH))(layers.Flatten()(x)),
    )()


def binary(r, a, b):
    return pick(
        r,
        lambda: a + b,
        lambda: a - b,
        lambda: a * b,
        lambda: a / (abs(b) + 1.0),
        lambda: ops.maximum(a, b),
        lambda: ops.minimum(a, b),
        lambda: ops.where(a > b, a, b * 0.5),
        lambda: ops.where(ops.logical_and(a > 0, b > 0), a, b),
        lambda: layers.Add()([a, b]),
        lambda: layers.Concatenate()([a[..., :2], b[..., 2:]]),
        lambda: layers.Average()([a, b]),
        lambda: ops.matmul(ops.matmul(a, ops.transpose(b, (0, 2, 1))), a) * 0.1,
        lambda: layers.Attention()([a, b]),
        lambda: ops.einsum("bij,bkj->bik", a, b)[:, :, :1] * 0.2 + a,
        lambda: ops.logaddexp(a, b),
        lambda: ops.arctan2(a, b + 3.0),
        lambda: ops.stack([a, b], axis=-1)[..., pick(r, 0, 1)],
        lambda: a + ops.expand_dims(b[:, 0], 1),
        lambda: a * ops.mean(b, axis=(1, 2), keepdims=True),
        lambda: ops.square(a - b),
        lambda: a + b[:, -1:],
        lambda: layers.Multiply()([a, b[..., 1:2]]),
    )()


def inner(r):
    if flag(r, 0.4):
        return keras.Sequential(
            [keras.Input((STEPS, WIDTH)), layers.Dense(WIDTH, activation="relu"), layers.BatchNormalization()]
        )
    x = keras.Input((STEPS, WIDTH))
    h = unary(r, x)
    return keras.Model(x, [h, unary(r, x)] if flag(r, 0.3) else h)


def case(r):
    inputs = [keras.Input((STEPS, WIDTH), name=pick(r, None, f"in_{i}")) for i in range(between(r, 1, 2))]
    values = list(inputs)
    model_inside = inner(r)
    for _ in range(between(r, 2, 6)):
        kind = r.random()
        if kind < 0.5:
            values.append(unary(r, values[r.integers(len(values))]))
        elif kind < 0.8:
            values.append(binary(r, values[r.integers(len(values))], values[-1]))
        else:
            out = model_inside(values[r.integers(len(values))])
            values += list(out) if isinstance(out, (list, tuple)) else [out]
    for value in inputs:  # all are used
        values.append(values[-1] + value)
    last = pick(
        r,
        lambda: layers.Flatten()(values[-1]),
        lambda: ops.mean(values[-1], axis=1),
        lambda: values[-1][:, -1],
        lambda: ops.reshape(values[-1], (-1, STEPS * WIDTH)),
        lambda: layers.GlobalMaxPooling1D()(values[-1]),
    )()
    outputs = [layers.Dense(2)(last)]
    if flag(r, 0.3):
        outputs.append(values[-2] if flag(r) and len(values) > 3 else ops.sum(values[-1], axis=pick(r, 1, 2)))
    model = keras.Model(inputs, outputs if len(outputs) > 1 or flag(r, 0.1) else outputs[0])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    y = [normal(r, (12, *t.shape[1:])) for t in model.outputs]
    return model, {"y": y if len(y) > 1 else y[0]}
