"""Ops of keras.ops that bring elements to places, look at windows, make ranges, and skip what is not a number."""

import keras
import numpy as np
from keras import ops

from .case import normal
from .ops import plain, trained


def at(*places):
    return np.array(places, "int32")


# With gradients, of floating operands [batch, 4, 6]. JAX has none of the largest, smallest and products of places that
# are there twice.
SMOOTH = {
    "scatter": lambda x, y, p: [
        x * ops.scatter(at([0, 1], [2, 3], [0, 1], [3, -1], [9, 9]), ops.concatenate([p[0, 0, :3], x[0, 1, :2]]), (4, 6)),
        x + ops.scatter(at([1], [3], [1]), y[0, :3], (4, 6)), y * ops.segment_sum(x[0], at(1, 0, 9, 1), num_segments=4),
        ops.scatter_update(x, at([0, 1, 2], [1, 0, 0], [-1, 3, 5]), ops.stack([p[0, 0, 0], y[0, 0, 1], y[0, 0, 2]])),
        ops.scatter_update(x, at([0, 1], [1, 2]), y[0, :2], reduction="add"),
        ops.scatter_update(x, at([0], [2]), y[0, :1])],
    "windows": lambda x, y, p: [
        ops.unfold(ops.reshape(x, (-1, 2, 3, 4)), 2), ops.fold(ops.reshape(x, (-1, 4, 6)), (3, 4), 2),
        ops.unfold(ops.reshape(y, (-1, 2, 3, 4)), (2, 3), dilation=(1, 2), padding=(1, 2), stride=(2, 1)),
        ops.fold(ops.reshape(p, (-1, 4, 6)), (3, 3), (2, 2), dilation=2, padding=1, stride=(2, 1)),
        ops.image.extract_patches(ops.reshape(x, (-1, 4, 3, 2)), (2, 2)),
        ops.image.extract_patches(ops.reshape(y, (-1, 4, 3, 2)), (3, 2), strides=(2, 1), padding="same"),
        ops.image.extract_patches(ops.reshape(p, (-1, 4, 6, 1)), 2, strides=1, dilation_rate=2),
        ops.image.extract_patches(ops.reshape(x, (-1, 2, 4, 3)), 2, data_format="channels_first"),
        ops.image.extract_patches_3d(ops.reshape(y, (-1, 2, 3, 4, 1)), (2, 3, 2), strides=(1, 1, 2))],
    "ranges": lambda x, y, p: [
        ops.transpose(ops.linspace(x, y, 3), (1, 0, 2, 3)), ops.linspace(x, y, 3, axis=-1, endpoint=False),
        ops.linspace(x, 2.0, 4, axis=2), ops.logspace(x, y, 3, axis=1), ops.logspace(x, y, 2, base=2.5, axis=3),
        ops.geomspace(p, p + 0.5, 3, axis=1), ops.geomspace(-p, -2.0 * p, 3, endpoint=False, axis=-1),
        x * ops.full((4, 6), y[0, 0, 0]), ops.full((1, 6), p[0, 0, 0], dtype="float32") + x],
    "numbers": lambda x, y, p: [
        ops.nanmedian(x, axis=1), ops.nanquantile(x, 0.3, axis=2), ops.nanpercentile(x, 70, axis=(1, 2), keepdims=True),
        *ops.unstack(ops.percentile(x, [20, 90], axis=2), axis=0), ops.percentile(x, 50, axis=1, method="nearest"),
        ops.percentile(x, 100 * p[0, 0, 0], axis=2), ops.cdist(x, y + 3.0), ops.ldexp(x, at(1, -2, 3, 0, 2, 1)), ops.imag(x) + x,
        ops.swish(x), ops.hard_swish(y), ops.array(x), x * ops.cast(ops.size(x[0]), "float32"),
        x * ops.unique(x[0, 0], size=6), x + ops.unique(y[0], size=4, axis=0), ops.trapezoid(x, x=[0, 1, 3, 3.5, 5, 9])],
}
PLAIN = {
    "places": lambda x, n, i, j, k, b, c: [
        ops.argpartition(x, 2), ops.argpartition(i, 3, axis=1), *ops.unravel_index(i * 7 - 10, (2, 3, 3)),
        ops.scatter_update(i, at([0, 0], [1, 1], [0, 0]), j[0, :3]), ops.scatter_update(b, at([1]), c[0, :1]),
        i * ops.scatter(at([0, 1], [2, 3], [0, 1]), k[0, :3], (4, 6)),
        *[ops.scatter_update(t, at([0, 1, 2], [1, 0, 0], [0, 1, 2]), u[0, 0, :3], reduction=r)
          for r in ("add", "max", "min", "mul") for t, u in ((x, n), (i, j))],
        *[x[:, :, :] * f(x[0], k[0], num_segments=4) for f in (ops.segment_sum, ops.segment_prod)],
        *[ops.zeros_like(i) + f(i[0], at(0, 9, 0, 2), num_segments=4)
          for f in (ops.segment_sum, ops.segment_prod, ops.segment_max, ops.segment_min)],
        *[ops.zeros_like(x) + f(x[0], k[0], num_segments=4, sorted=False) for f in (ops.segment_max, ops.segment_min)]],
    "not_a_number": lambda x, n, i, j, k, b, c: [
        ops.nanmedian(n, axis=1), ops.nanquantile(n, 0.3, axis=2), ops.nanquantile(n, 0.3, axis=1, method="lower"),
        ops.nanpercentile(n, 40, axis=2, method="higher"), ops.nanquantile(n, 0.6, axis=2, method="nearest"),
        ops.nanquantile(n, 0.6, axis=1, method="midpoint"), ops.median(n, axis=1), ops.nanmedian(i, axis=(1, 2)),
        ops.nextafter(x, n), ops.nextafter(i, 2), ops.ldexp(n, i)],
    "bytes": lambda x, n, i, j, k, b, c: [
        ops.view(x, "int32"), ops.view(i, "float32") * 1e38, ops.view(x, "uint8"), ops.view(ops.cast(i, "uint8")[:, :, :4], "int32"),
        ops.array(x, "int32"), ops.empty_like(i, dtype="float32") * 0, ops.imag(i), ops.logical_and(b, ops.allclose(x, x)),
        ops.logical_and(b, ops.allclose(x, n, equal_nan=True)), ops.full((4, 6), k[0, 0], dtype="int32") + i,
        i + ops.linspace(k[0, 0], 9, 6, dtype="int32"), i + ops.unique(i[0], size=6), i + ops.unique(k[0], size=6, fill_value=-3), i + ops.unique(i[0] % 2, size=6, axis=1, fill_value=7),
        *[i * ops.max(u) for u in ops.unique(i[0], size=9, return_index=True, return_inverse=True, return_counts=True)]],
}


# Of one batch size and with all lengths given, for elsewhere Keras cannot tell them when it compiles.
def rearranged():
    x, i = keras.Input(batch_shape=(5, 4, 6)), keras.Input(batch_shape=(5, 4, 6), dtype="int32")
    outputs = [ops.rearrange(x, "b (h a) w -> b h (w a)", h=2, a=2), ops.rearrange(i, "b h w -> b w h"),
               ops.rearrange(i, "b (h a) (v w) -> b (h v) (w a)", h=2, a=2, v=2, w=3),
               ops.reshape(ops.rearrange(x, "b h (u v) -> (b v) u h", u=3, v=2), (5, -1))]
    return keras.Model([x, i], outputs), {"x": [normal((5, 4, 6), 1), np.arange(120, dtype="int32").reshape(5, 4, 6)]}


def cases():
    for seed, (name, make) in enumerate(SMOOTH.items()):
        yield name, *trained(make, seed)
    for seed, (name, make) in enumerate(PLAIN.items()):
        yield name, *plain(make, seed)
    yield "rearrange", *rearranged()
