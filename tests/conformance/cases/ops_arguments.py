"""Ops of keras.ops with rarer arguments: constants in lists, channels first, negative axes, proportions of images, bools."""

import numpy as np
from keras import layers, ops

from .case import normal
from .ops import plain, trained


def image(x):  # [batch, 4, 6] as [batch, 4, 3, 2]
    return ops.reshape(x, (-1, 4, 3, 2))


SMOOTH = {
    "constants_in_lists": lambda x, y, p: [
        ops.einsum("bij,kj->bik", x, normal((2, 6), 1)), ops.einsum("bij,i,j->b", x, normal((4,), 2), normal((6,), 3)),
        ops.select([x > 0.5, y > 0], [x, 2.0], default=y)],
    "channels_first": lambda x, y, p: [
        ops.conv(x, normal((3, 4, 2), 1), data_format="channels_first"),
        ops.depthwise_conv(x, normal((3, 4, 2), 1), data_format="channels_first"),
        ops.separable_conv(x, normal((3, 4, 2), 1), normal((1, 8, 3), 2), data_format="channels_first"),
        ops.space_to_depth(ops.reshape(x, (-1, 3, 4, 2)), 2, data_format="channels_first"),
        ops.depth_to_space(ops.reshape(x, (-1, 8, 3, 1)), 2, data_format="channels_first"),
        ops.image.rgb_to_grayscale(ops.reshape(x, (-1, 3, 4, 2)), data_format="channels_first")],
    "proportions": lambda x, y, p: [
        ops.image.resize(image(x), (5, 5), crop_to_aspect_ratio=True),
        ops.image.resize(image(x), (5, 5), pad_to_aspect_ratio=True, fill_value=1.0),
        ops.image.resize(ops.reshape(x, (-1, 2, 4, 3)), (3, 3), data_format="channels_first")],
    "negative_axes": lambda x, y, p: [ops.transpose(x, (0, -1, 1)), ops.moveaxis(x, -1, 1), ops.flip(x, axis=-1)],
    "not_finite": lambda x, y, p: [
        ops.norm(x, ord=np.inf, axis=(1, 2)), ops.norm(x, ord=-np.inf, axis=(-1,)),
        ops.norm(x, ord=-np.inf, axis=(2, 1), keepdims=True), ops.norm(x, ord=-1, axis=(1, 2)), ops.clip(x, -np.inf, 0.5),
        ops.nan_to_num(x, posinf=np.inf), ops.exp(-ops.where(x > 0, x, np.inf)), layers.Masking(float("nan"))(x)],
}
PLAIN = {
    "bools_and_integers": lambda x, n, i, j, k, b, c: [
        ops.abs(b), ops.absolute(b), ops.relu6(i * 3), ops.multi_hot(i, 6), ops.multi_hot(i, 6, axis=1), ops.multi_hot(k, 5, dtype="int32"),
        ops.saturate_cast(i * 100, "uint8"), ops.saturate_cast(x * 1e10, "int32")],
    "infinities": lambda x, n, i, j, k, b, c: [ops.nanvar(n, axis=1), ops.nanstd(n[:, :, :2], axis=2)],
}


def cases():
    for seed, (name, make) in enumerate(SMOOTH.items()):
        yield name, *trained(make, seed)
    for seed, (name, make) in enumerate(PLAIN.items()):
        yield name, *plain(make, seed)
