"""Layers over whole numbers: what stays whole, and what does not."""

import keras
import numpy as np
from keras import layers

PICTURES = [
    layers.Resizing(4, 9), layers.Resizing(9, 4, interpolation="nearest"),
    layers.Resizing(9, 9, interpolation="bicubic"), layers.MaxPooling2D(2), layers.GlobalMaxPooling2D(),
    layers.AdaptiveMaxPooling2D(2), layers.ZeroPadding2D(1),
    layers.UpSampling2D(2), layers.UpSampling2D(2, interpolation="bilinear"), layers.Conv2D(2, 2),
    layers.BatchNormalization(), layers.Activation("tanh"), layers.ELU()]
AUGMENTATIONS = [
    layers.RandomBrightness(0.1), layers.RandomContrast(0.1), layers.RandomCrop(6, 7), layers.RandomFlip(),
    layers.MixUp(), layers.RandomGrayscale(), layers.RandomColorJitter(), layers.RandomInvert(0.1),
    layers.RandomRotation(0.1), layers.RandomSharpness(0.1), layers.RandomErasing(), layers.CutMix()]
MEANS = [  # which overflow in Keras where there are but 8 bits
    layers.AveragePooling2D(2), layers.GlobalAveragePooling2D(), layers.AdaptiveAveragePooling2D(2)]


def cases():
    for dtype in ("uint8", "int32"):
        keras.utils.set_random_seed(1)
        x = keras.Input((6, 7, 3), dtype=dtype)
        made = PICTURES + (AUGMENTATIONS if dtype == "uint8" else MEANS)
        model = keras.Model(x, [layer.__class__.from_config(layer.get_config() | {"name": f"n{i}"})(x)
                                for i, layer in enumerate(made)])
        yield dtype, model, {"x": np.random.default_rng(1).integers(0, 255, (4, 6, 7, 3)).astype(dtype)}
