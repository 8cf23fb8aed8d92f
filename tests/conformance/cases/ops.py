"""Ops of keras.ops as layers of functional models: each family predicts in one model; those with gradients train in
another, whose one output holds all results.

x, y: float32 [4, 6] after a Dense layer; p: the same between 0.1 and 0.9; n: with not-a-number and infinities;
i, j: int32 [4, 6], not negative; k: int32 [4]; b, c: bool [4, 6]; m: float32 [3, 3], far from singular.
"""

import keras
import numpy as np
from keras import layers, ops

from .case import normal

AXES = ((), (1,), (1, 2), (-1,))

# With gradients, of floating operands.
SMOOTH = {
    "arithmetic": lambda x, y, p: [
        x + y, x - y, x * y, x / p, x + 2, 1 - x, 3.0 * x, 1 / p, p ** 2, p ** 1.5, 2.0 ** x, p ** y, -x, abs(x),
        x + np.arange(6.0), ops.multiply(x, np.arange(6)), ops.maximum(x, y), ops.minimum(x, 0.1), ops.fmax(x, y),
        ops.fmin(x, y), ops.mod(x, 0.7), x % p, ops.fmod(x, p), ops.divide_no_nan(x, ops.relu(y)),
        ops.hypot(x, y), ops.arctan2(x, y), ops.logaddexp(x, y), ops.logaddexp2(x, y), ops.where(x > y, x, 0.5 * y),
        ops.where(x > 0, 1.0, x), ops.select([x > 0.5, x > 0], [x, y], default=2.0), ops.true_divide(x, 2),
        ops.square(x), ops.clip(x, -0.5, 0.7), ops.fabs(x)],
    "functions": lambda x, y, p: [
        ops.sqrt(p), ops.cbrt(x), ops.rsqrt(p), ops.reciprocal(p), ops.exp(x), ops.exp2(x), ops.expm1(x), ops.log(p),
        ops.log1p(p), ops.log2(p), ops.log10(p), ops.sin(x), ops.cos(x), ops.tan(p), ops.sinh(x), ops.cosh(x),
        ops.tanh(x), ops.arcsin(p), ops.arccos(p), ops.arctan(x), ops.arcsinh(x), ops.arccosh(1.1 + p),
        ops.arctanh(p), ops.sinc(x), ops.deg2rad(x), ops.rad2deg(x), ops.erf(x), ops.erfc(x), ops.erfinv(p),
        ops.cast(x, "float32"), ops.copy(x), ops.real(x), ops.conj(x),
        ops.stop_gradient(x) * x, ops.nan_to_num(x), ops.full_like(x, 2.0) * x, ops.i0(x)],
    "activations": lambda x, y, p: [
        ops.relu(x), ops.relu6(x), ops.sigmoid(x), ops.log_sigmoid(x), ops.hard_sigmoid(x), ops.sparse_sigmoid(x),
        ops.silu(x), ops.hard_silu(x), ops.softplus(x), ops.sparse_plus(x), ops.squareplus(x, b=3), ops.softsign(x),
        ops.hard_tanh(x), ops.tanh_shrink(x), ops.soft_shrink(x, 0.3), ops.hard_shrink(x, 0.3),
        ops.threshold(x, 0.2, -1.0), ops.elu(x, 0.7), ops.celu(x, 1.3), ops.selu(x), ops.gelu(x),
        ops.gelu(x, approximate=False), ops.glu(x), ops.glu(x, axis=1), ops.leaky_relu(x), ops.softmax(x),
        ops.softmax(x, axis=1), ops.log_softmax(x), ops.sparsemax(x),
        keras.activations.relu(x, negative_slope=0.1, max_value=0.6, threshold=0.1)],
    "reductions": lambda x, y, p: [
        ops.sum(x, axis=1), ops.sum(x, axis=(1, 2), keepdims=True), ops.mean(x, axis=-1), ops.prod(x, axis=2),
        ops.max(x, axis=1), ops.max(x, axis=1, initial=0.3), ops.min(x, axis=-1, keepdims=True), ops.amax(x, axis=1),
        ops.amin(x, axis=1), ops.ptp(x, axis=2), ops.var(x, axis=1), ops.std(x, axis=(1, 2)),
        ops.logsumexp(x, axis=1), ops.average(x, axis=1), ops.average(x, axis=2, weights=np.arange(1.0, 7.0)),
        *ops.moments(x, axes=[1]), ops.cumsum(x, axis=1), ops.cumprod(x, axis=2), ops.median(x, axis=1),
        ops.median(x, axis=2, keepdims=True), ops.percentile(x, 70, axis=2, keepdims=True),
        ops.nansum(x, axis=1), ops.nanmean(x, axis=1), ops.nanvar(x, axis=1), ops.nanstd(x, axis=2),
        ops.nanprod(x, axis=2), ops.nanmax(x, axis=1), ops.nanmin(x, axis=1), ops.nancumsum(x, axis=1),
        ops.norm(x, axis=(1, 2)), ops.norm(x, ord="fro", axis=(1, 2)), ops.norm(x, ord=1, axis=(1, 2), keepdims=True),
        ops.diff(x), ops.diff(x, n=2, axis=1), ops.trapezoid(x, dx=0.5), ops.trace(x, axis1=1, axis2=2)],
    "shapes": lambda x, y, p: [
        ops.reshape(x, (-1, 3, 8)), ops.transpose(x, (0, 2, 1)), ops.swapaxes(x, 1, 2), ops.moveaxis(x, 1, -1),
        ops.expand_dims(x, 1), ops.expand_dims(x, (1, -1)), ops.squeeze(x[:, :1], 1), ops.flip(x, axis=1),
        ops.flip(x, axis=(1, 2)), ops.fliplr(x), ops.roll(x, 2, axis=1), ops.roll(x, (1, -2), axis=(1, 2)),
        ops.rot90(x, axes=(1, 2)), ops.rot90(x, k=3, axes=(1, 2)), ops.rot90(x, k=2, axes=(1, 2)),
        ops.repeat(x, 2, axis=1), ops.tile(x, (1, 2, 3)), ops.concatenate([x, y], axis=1), ops.stack([x, y], axis=1),
        ops.stack([x, y], axis=-1), ops.hstack([x, y]), ops.dstack([x, y]), ops.append(x, y, axis=2),
        *ops.split(x, 2, axis=1), *ops.split(x, [1, 4], axis=2), *ops.array_split(x, 4, axis=2),
        *ops.hsplit(x, 2), *ops.dsplit(x, 3), *ops.unstack(x, axis=1), ops.pad(x, [[0, 0], [1, 2], [0, 1]]),
        ops.pad(x, [[0, 0], [1, 1], [2, 0]], constant_values=0.5), ops.pad(x, [[0, 0], [1, 2], [3, 0]], mode="reflect"),
        ops.pad(x, [[0, 0], [1, 2], [3, 0]], mode="symmetric"), ops.tril(x), ops.tril(x, k=1), ops.triu(x, k=-1),
        ops.diagonal(x, axis1=1, axis2=2), ops.diagonal(x, offset=1, axis1=2, axis2=1)],
    "indexing": lambda x, y, p: [
        x[:, 1], x[:, 1, ::2], x[:, ::-1], x[:, 3:0:-2, 1:5], x[..., -1], x[:, None, 1:3], x[:, -2:, 3],
        ops.take(x, [0, 2, 2], axis=1), ops.take(x, np.array([[0, 1], [-1, 2]]), axis=2),
        ops.take_along_axis(x, ops.argsort(y, axis=1), axis=1), ops.sort(x, axis=1), ops.sort(x),
        ops.top_k(x, 2)[0], ops.slice_update(x, [0, 1, 2], y[:, :2, :3])],
    "products": lambda x, y, p: [
        x @ ops.transpose(y, (0, 2, 1)), ops.matmul(x, np.arange(12.0).reshape(6, 2)), ops.matmul(x, np.arange(6.0)),
        ops.dot(x, np.arange(12.0).reshape(6, 2)), ops.inner(x, np.arange(12.0).reshape(2, 6)),
        ops.tensordot(x, np.arange(24.0).reshape(4, 6), axes=2), ops.tensordot(x, np.arange(8.0).reshape(2, 4), axes=[[1], [1]]),
        ops.einsum("bij,bkj->bik", x, y), ops.einsum("bij,bij->b", x, y), ops.einsum("bij->bji", x),
        ops.einsum("bij,bik->bjk", x, y), ops.einsum("...j,...j->...", x, y), ops.einsum("bij->bi", x),
        ops.cross(x[:, :, :3], y[:, :, :3]), ops.cross(x[:, :, :2], y[:, :, 1:3]), ops.kron(x[:, :2, :2], np.arange(8.0).reshape(1, 2, 4))],
    "networks": lambda x, y, p: [
        ops.layer_normalization(x), ops.layer_normalization(x, np.arange(6.0, dtype="float32"), np.ones(6, "float32"), epsilon=0.1),
        ops.rms_normalization(x), ops.rms_normalization(x, np.arange(6.0, dtype="float32")),
        ops.batch_normalization(x, np.arange(6.0, dtype="float32"), np.ones(6, "float32"), -1),
        ops.batch_normalization(x, np.arange(4.0, dtype="float32"), np.ones(4, "float32"), 1, offset=np.ones(4, "float32"), scale=np.arange(4.0, dtype="float32")),
        ops.normalize(x), ops.normalize(x, axis=1, order=3), ops.max_pool(x, 2, strides=2), ops.average_pool(x, (3,), strides=(1,), padding="same"),
        ops.conv(x, normal((3, 6, 2), 1)), ops.conv(x, normal((2, 6, 4), 1), strides=2, padding="same"),
        ops.depthwise_conv(x, normal((3, 6, 2), 1)), ops.separable_conv(x, normal((3, 6, 2), 1), normal((1, 12, 3), 2)),
        ops.dot_product_attention(*[ops.reshape(a, (-1, 4, 2, 3)) for a in (x, y, p)]),
        ops.dot_product_attention(*[ops.reshape(a, (-1, 4, 2, 3)) for a in (x, y, p)], is_causal=True, scale=0.3),
        ops.dot_product_attention(*[ops.reshape(a, (-1, 4, 2, 3)) for a in (x, y, p)], mask=ops.reshape(x > y, (-1, 1, 4, 6))[..., :4]),
        ops.binary_crossentropy(p, ops.sigmoid(x)), ops.binary_crossentropy(p, x, from_logits=True),
        ops.categorical_crossentropy(ops.softmax(y), ops.softmax(x)), ops.categorical_crossentropy(p, x, from_logits=True),
        ops.image.resize(ops.reshape(x, (-1, 2, 6, 2)), (4, 3)), ops.space_to_depth(ops.reshape(x, (-1, 2, 4, 3)), 2),
        ops.depth_to_space(ops.reshape(x, (-1, 2, 3, 4)), 2)],
}

# Of operands of all kinds, without gradients.
PLAIN = {
    "mixed_dtypes": lambda x, n, i, j, k, b, c: [
        i + j, i - j, i * j, i / j, i // j, i % j, i + 2, 1.5 * i, i + x, x * b, b + b, b * b, b + 2, i + b, -i, abs(i),
        ops.maximum(i, j), ops.minimum(i, 3), ops.maximum(i, 2.5), ops.power(i, 2), ops.square(i), ops.square(b),
        ops.sign(i), ops.sign(x), ops.sqrt(i), ops.exp(i), ops.exp(b), ops.floor(x), ops.ceil(x), ops.trunc(x),
        ops.floor(i), ops.ceil(i), ops.trunc(i), ops.round(x), ops.round(x, 1), ops.round(i), x // 0.7, ops.floor_divide(x, x + 1.5),
        ops.where(b, i, j), ops.where(b, x, i), ops.where(b, i, 0), ops.where(i, x, 0.5), ops.clip(i, 1, 3), ops.clip(x, 0, 1),
        ops.cast(x, "int32"), ops.cast(x, "bool"), ops.cast(b, "float32"), ops.cast(i, "float32"), ops.cast(i, "uint8"),
        ops.saturate_cast(x * 300, "uint8"), ops.zeros_like(i), ops.ones_like(x, dtype="int32"), ops.full_like(i, 3),
        ops.gcd(i, j), ops.lcm(i, j), ops.bitwise_and(i, j), ops.bitwise_or(i, j), ops.bitwise_xor(i, j), ops.bitwise_not(i),
        ops.bitwise_invert(b), ops.left_shift(i, j), ops.right_shift(i, j), ops.heaviside(x, i), ops.negative(x),
        ops.logical_not(b), ops.fmod(i, j), ops.arctan2(i, j), ops.deg2rad(i), ops.reciprocal(i + 1), ops.relu(i), ops.tanh(i)],
    "comparisons": lambda x, n, i, j, k, b, c: [
        x > 0, x >= 0.1, x < i, x <= 0, ops.equal(i, j), ops.not_equal(i, j), ops.equal(b, c), i > 2, b & c, b | c, b ^ c, ~b,
        ops.logical_and(i, b), ops.logical_or(x > 0, c), ops.logical_xor(b, i), ops.isclose(x, x + 1e-9), ops.isclose(n, n, equal_nan=True),
        ops.isfinite(n), ops.isinf(n), ops.isnan(n), ops.isposinf(n), ops.isneginf(n), ops.isreal(x), ops.signbit(x),
        ops.isfinite(i), ops.isin(i, [1, 3]), ops.isin(i, [1, 3], invert=True), ops.nan_to_num(n, nan=1.0, posinf=2.0, neginf=-2.0),
        ops.nan_to_num(n), ops.any(b, axis=1), ops.all(b, axis=(1, 2)), ops.any(x > 1, axis=-1, keepdims=True), ops.all(i, axis=1)],
    "counting": lambda x, n, i, j, k, b, c: [
        ops.sum(i, axis=1), ops.sum(b, axis=1), ops.prod(i, axis=1), ops.mean(i, axis=1), ops.mean(b, axis=2), ops.max(i, axis=1),
        ops.max(b, axis=1), ops.min(i, axis=2), ops.var(i, axis=1), ops.std(b, axis=1), ops.count_nonzero(x > 0, axis=1),
        ops.count_nonzero(i, axis=(1, 2)), ops.argmax(x, axis=1), ops.argmax(i, axis=-1, keepdims=True), ops.argmin(x, axis=2),
        ops.cumsum(i, axis=1), ops.cumsum(b, axis=1), ops.cumprod(i, axis=2), ops.median(i, axis=1),
        ops.nansum(n, axis=1), ops.nanmean(n[:, :, :2], axis=2),
        ops.nanmax(n, axis=1), ops.nanmin(n, axis=1), ops.nanargmax(n[:, :, :2], axis=1), ops.nanargmin(n[:, :, :2], axis=1),
        ops.ptp(i, axis=1), ops.average(i, axis=1), ops.trace(i, axis1=1, axis2=2)],
    "picking": lambda x, n, i, j, k, b, c: [
        ops.take(x, k % 4, axis=1), ops.take(i, [1, 0], axis=1), i[:, 1], b[:, ::2], ops.flip(i, axis=1), ops.roll(b, 1, axis=1),
        ops.argsort(x, axis=1), ops.argsort(i), ops.sort(i, axis=2), *ops.top_k(x, 3), *ops.top_k(i, 2), ops.one_hot(k, 5),
        ops.one_hot(k, 5, axis=1), ops.one_hot(k, 5, dtype="int32"), ops.multi_hot(k, 7), ops.in_top_k(k[:, 0], x[:, 0], 2),
        ops.searchsorted(np.arange(5.0), x[:, 0, 0]), ops.searchsorted(np.array([0, 2, 4]), k[:, 0], side="right"), ops.digitize(x, np.array([-1.0, 0.0, 1.0])),
        ops.select([b, c], [i, j], default=7), x[:, :, :4] * ops.meshgrid(k[0], k[1])[0], x + ops.meshgrid(k[1], x[0, 0], indexing="ij")[1],
        ops.concatenate([i, x], axis=1), ops.stack([i, b], axis=1), ops.pad(i, [[0, 0], [1, 1], [0, 0]]),
        ops.tril(i), ops.repeat(i, 2, axis=2), ops.tile(b, (1, 1, 2)), ops.unstack(b, axis=1)[1], ops.split(i, 3, axis=2)[2],
        ops.slice_update(i, [0, 0, 0], j[:, :1]), ops.diff(i), ops.diff(b), ops.diagonal(i, axis1=1, axis2=2),
        x[:, 0] @ ops.diag(x[0, 0]), x[:, :, 0] * ops.diag(x[0]), k @ ops.diagflat(k[0]), i[:, :, :4] + ops.vander(k[0]),
        ops.take_along_axis(i, ops.argsort(j, axis=1), axis=1), x * ops.flipud(x[0]), k @ ops.outer(k[0], k[1]),
        ops.matmul(i, ops.transpose(j, (0, 2, 1))), ops.einsum("bij,bij->bi", i, j),
        ops.sparse_categorical_crossentropy(k, ops.softmax(x))],
}


def flat(values):
    return ops.concatenate([ops.reshape(v, (-1, int(np.prod(v.shape[1:])))) for v in values if v.shape[:1] == (None,)], axis=1)


def trained(make, seed):
    keras.utils.set_random_seed(seed)
    given = keras.Input((4, 3))
    x, y, p = (layers.Dense(6)(given) for _ in range(3))
    values = make(x, y, 0.1 + 0.8 * ops.sigmoid(p))
    model = keras.Model(given, flat(values))
    model.compile("sgd", "mse")
    return model, {"y": normal((5, *model.outputs[0].shape[1:]), seed), "rows": 5, "fit": {"epochs": 1, "batch_size": 5}}


def plain(make, seed):
    random = np.random.default_rng(seed)
    shapes = [("x", (4, 6), "float32"), ("n", (4, 6), "float32"), ("i", (4, 6), "int32"), ("j", (4, 6), "int32"),
              ("k", (4,), "int32"), ("b", (4, 6), "bool"), ("c", (4, 6), "bool")]
    inputs = [keras.Input(shape, dtype=dtype, name=name) for name, shape, dtype in shapes]
    model = keras.Model(inputs, make(*inputs))
    x = random.normal(size=(5, 4, 6)).astype("float32")
    n = random.normal(size=(5, 4, 6)).astype("float32")
    n.flat[::7] = np.nan
    n.flat[3::11] = np.inf
    n.flat[5::11] = -np.inf
    arrays = [x, n, random.integers(0, 5, (5, 4, 6)), random.integers(1, 5, (5, 4, 6)), random.integers(0, 4, (5, 4)),
              random.integers(0, 2, (5, 4, 6)), random.integers(0, 2, (5, 4, 6))]
    return model, {"x": [a.astype(s[2]) for a, s in zip(arrays, shapes)]}


def cases():
    for seed, (name, make) in enumerate(SMOOTH.items()):
        yield name, *trained(make, seed)
    for seed, (name, make) in enumerate(PLAIN.items()):
        yield name, *plain(make, seed)
