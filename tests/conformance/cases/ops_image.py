"""keras.ops.image. x, y, p, ...: as in ops.py. Without a batch size Keras' scale_and_translate takes single images alone, as its
affine_transform and perspective_transform take one map for each image."""

import numpy as np
from keras import ops

from .ops import plain, trained


def image(x):  # [batch, 4, 6] as [batch, 2, 4, 3]
    return ops.reshape(x, (-1, 2, 4, 3))


def first(x):  # the same with the channels first
    return ops.reshape(x, (-1, 3, 2, 4))


def maps(y):  # [batch, 8], near to what changes nothing
    return 0.2 * ops.reshape(y[:, :2, :4], (-1, 8)) + np.array([1, 0, 0.2, 0, 1, -0.3, 0, 0], "float32")


def corners(y):
    return 0.1 * y[:, :, :2] + np.array([[0, 0], [3, 0], [0, 1], [3, 1]], "float32")


def places(p):  # [2, batch, 6] in [4, 6] and around
    return ops.stack([5.0 * p[:, 0] - 0.7, 7.3 * p[:, 1] - 0.9])


SMOOTH = {
    "colors": lambda x, y, p: [
        ops.image.rgb_to_grayscale(image(x)), ops.image.rgb_to_grayscale(first(x), data_format="channels_first"),
        ops.image.rgb_to_hsv(image(p)), ops.image.hsv_to_rgb(image(p)),
        ops.image.rgb_to_hsv(first(p), data_format="channels_first"), ops.image.hsv_to_rgb(first(p), data_format="channels_first")],
    "filters": lambda x, y, p: [
        ops.image.gaussian_blur(image(x)), ops.image.gaussian_blur(image(x), (3, 5), (0.7, 1.5), data_format="channels_last"),
        ops.image.gaussian_blur(first(x), (2, 3), (1.2, 0.6), data_format="channels_first"),
        ops.image.sobel_edges(image(x)), ops.image.sobel_edges(first(x), data_format="channels_first"),
        ops.image.ssim(image(p), image(y), filter_size=2), ops.psnr(x[0], y[0], max_val=2.0) * x,
        ops.image.ssim(first(x), first(y), max_val=2.0, filter_size=2, filter_sigma=0.8, k1=0.1, k2=0.2, data_format="channels_first")],
    "sizes": lambda x, y, p: [
        ops.image.pad_images(image(x), 1, 2, target_height=5, right_padding=0),
        ops.image.pad_images(image(x), bottom_padding=1, right_padding=2, target_height=4, target_width=9),
        ops.image.pad_images(first(x), 0, 1, 2, 3, data_format="channels_first"),
        ops.image.crop_images(image(x), 1, 1, target_height=1, right_cropping=2),
        ops.image.crop_images(image(x), bottom_cropping=1, right_cropping=0, target_height=1, target_width=2),
        ops.image.crop_images(first(x), 0, 2, 1, 1, data_format="channels_first")],
    "maps": lambda x, y, p: [
        ops.image.affine_transform(image(x), maps(y)), ops.image.affine_transform(image(x), maps(y), fill_value=0.5),
        ops.image.affine_transform(first(x), maps(y), fill_mode="reflect", data_format="channels_first"),
        ops.image.affine_transform(image(x), maps(y), "nearest", "wrap"), ops.image.affine_transform(image(x), maps(y), fill_mode="mirror"),
        ops.image.perspective_transform(image(x), corners(x), corners(y)),
        ops.image.perspective_transform(first(x), corners(x), corners(p), fill_value=0.3, data_format="channels_first")],
    "places": lambda x, y, p: [
        *[ops.image.map_coordinates(x[0], places(p), 1, m) for m in ("constant", "nearest", "wrap", "mirror", "reflect")],
        ops.image.map_coordinates(x[0], places(p), 1, fill_value=0.5), ops.image.map_coordinates(x[0], places(p), 0, "reflect"),
        *[ops.squeeze(ops.image.scale_and_translate(ops.expand_dims(x[0], -1), (3, 5, 1), p[0, 0, :2], y[0, 0, :2], (0, 1), m), -1)
          * x[:, :3, :5] for m in ("linear", "cubic", "lanczos3", "lanczos5")],
        ops.image.scale_and_translate(x[0], (4, 9), 1.0 + p[0, 0, :1], y[0, 0, :1], (1,), "cubic", antialias=False)
        * ops.concatenate([x, x[:, :, :3]], -1)],
}
PLAIN = {
    "integers": lambda x, n, i, j, k, b, c: [
        ops.image.rgb_to_grayscale(image(i * 37)), ops.image.pad_images(image(i), 1, 1, 1, 1),
        ops.image.crop_images(image(b), 0, 1, 1, 1), ops.image.extract_patches(image(ops.cast(i, "float32")), 2),
        ops.cast(ops.image.affine_transform(image(i * 10), maps(x), "nearest"), "float32"),
        ops.image.map_coordinates(i[0] * 10, places(ops.sigmoid(x)), 1, "nearest")],
}


def cases():
    for seed, (name, make) in enumerate(SMOOTH.items()):
        yield name, *trained(make, seed)
    for seed, (name, make) in enumerate(PLAIN.items()):
        yield name, *plain(make, seed)
