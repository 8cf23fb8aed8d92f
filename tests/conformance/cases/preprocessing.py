"""Layers that change data, in models that predict; and batch renormalization, in one that trains."""

import keras
import numpy as np
from keras import layers

from .case import normal

CLAHE = layers.ContrastLimitedAdaptiveHistogramEqualization


def images(seed, shape):
    return np.random.default_rng(seed).uniform(0, 255, size=shape).astype("float32").round()


def pictures(name, *made):
    inputs = keras.Input((9, 10, 3))
    x = inputs
    for layer in made:
        x = layer(x)
    return name, keras.Model(inputs, x), {"x": images(len(name), (3, 9, 10, 3)), "atol": 2e-3}


def cases():
    yield pictures("clahe", CLAHE())
    yield pictures("clahe_few_tiles", CLAHE(tile_grid_size=(2, 3), clip_limit=1.5),
                   layers.RandomColorJitter(brightness_factor=0.2, hue_factor=0.1),
                   layers.RandomErasing(scale=(0.1, 0.2), fill_value=1.0))
    yield pictures("augmentations", layers.RandAugment(num_ops=3), layers.AugMix(factor=0.2), layers.CutMix(),
                   layers.MixUp(), layers.RandomPerspective(scale=0.3), layers.RandomElasticTransform(),
                   layers.RandomGaussianBlur(kernel_size=5), layers.MaxNumBoundingBoxes(4))

    indices, weights = keras.Input((4,), dtype="int32"), keras.Input((4,))
    counted = layers.CategoryEncoding(5, output_mode="count")(indices, count_weights=weights)
    yield "count_weights", keras.Model([indices, weights], counted), {
        "x": [np.random.default_rng(1).integers(0, 5, size=(6, 4)).astype("int32"), normal((6, 4), 2)]}

    inputs = keras.Input((40, 2))
    spectrum = layers.STFTSpectrogram(mode="angle", frame_length=8, frame_step=4)(inputs)
    yield "angle", keras.Model(inputs, keras.ops.sin(spectrum)), {}

    for i, arguments in enumerate([{}, {"renorm_clipping": {"rmax": 1.2, "rmin": 0.5, "dmax": 0.3},
                                        "renorm_momentum": 0.7, "axis": 1, "scale": False}]):
        keras.utils.set_random_seed(i)
        inputs = keras.Input((3, 4))
        x = layers.BatchNormalization(renorm=True, **arguments)(layers.Dense(4)(inputs))
        model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
        model.compile(keras.optimizers.SGD(0.01), "mse")
        yield f"renorm_{i}", model, {"y": normal((12, 1), i)}

    keras.utils.set_random_seed(7)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(1)(layers.Dense(3, activation="tanh")(inputs)))
    model.compile(keras.optimizers.ScheduleFreeAdamW(0.01, warmup_steps=2), "mse")
    yield "schedule_free", model, {"y": normal((12, 1), 7)}
