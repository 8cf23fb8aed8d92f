"""Writes tests/data/augmentations.json: what Keras' preprocessing layers that are not random, or have
ranges of one point, make of images and signals; and their configurations. Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_augmentations.py tests/data/augmentations.json
"""

import json
import sys

import jax
import keras
import numpy as np

rng = np.random.default_rng(5)
UNIT = dict(value_range=[0, 1])
FIRST = dict(data_format="channels_first")
CLAHE = "ContrastLimitedAdaptiveHistogramEqualization"

# (class, arguments, shape, greatest value, training)
CASES = [
    ("Equalization", dict(), [2, 4, 5, 3], 255, True),
    ("Equalization", dict(bins=16), [1, 6, 5, 1], 255, True),
    ("Equalization", dict(bins=8, **UNIT), [2, 4, 3, 2], 1, True),
    ("Equalization", dict(value_range=[10, -10], **FIRST), [2, 3, 4, 5], 10, True),
    ("Equalization", dict(), [1, 2, 2, 1], 0, True),
    ("Equalization", dict(), [1, 3, 3, 2], 255, False),
    (CLAHE, dict(), [1, 16, 24, 3], 255, False),
    (CLAHE, dict(), [2, 5, 7, 1], 255, True),
    (CLAHE, dict(tile_grid_size=[2, 3], clip_limit=1.5), [2, 9, 10, 2], 255, False),
    (CLAHE, dict(tile_grid_size=[1, 1], clip_limit=0.0), [1, 8, 8, 1], 255, False),
    (CLAHE, dict(tile_grid_size=[4, 2], clip_limit=40.0, **UNIT), [1, 12, 8, 3], 1, False),
    (CLAHE, dict(tile_grid_size=[3, 8], **FIRST), [1, 2, 7, 1], 255, False),
    ("RandomGaussianBlur", dict(factor=[1, 1], sigma=[0.7, 0.7]), [2, 5, 6, 3], 255, True),
    ("RandomGaussianBlur", dict(factor=[1, 1], sigma=[1, 2.5], kernel_size=[1, 1], **UNIT),
     [2, 5, 6, 1], 1, True),
    ("RandomGaussianBlur", dict(factor=[1, 1], sigma=[0.9, 0.9], kernel_size=[3, 5], **FIRST),
     [2, 2, 7, 6], 255, True),
    ("RandomGaussianBlur", dict(factor=0.0, seed=3), [2, 3, 4, 1], 255, True),
    ("RandomGaussianBlur", dict(sigma=0.5), [2, 3, 4, 1], 255, False),
    ("RandomErasing", dict(factor=[1, 1], scale=[1, 1], fill_value=7), [2, 3, 4, 2], 255, True),
    ("RandomErasing", dict(factor=[1, 1], scale=[0, 0], seed=4), [2, 3, 4, 3], 255, True),
    ("RandomErasing", dict(factor=0.3, **UNIT), [2, 3, 4, 3], 1, False),
    ("RandomPerspective", dict(factor=[1, 1], scale=0.0), [2, 5, 4, 2], 255, True),
    ("RandomPerspective", dict(factor=0.0, scale=0.3, interpolation="nearest", fill_value=1.5),
     [2, 5, 4, 2], 255, True),
    ("RandomPerspective", dict(scale=0.5, **FIRST), [1, 3, 4, 4], 255, False),
    ("RandomElasticTransform", dict(factor=[1, 1], scale=0.0), [2, 5, 4, 2], 255, True),
    ("RandomElasticTransform", dict(factor=[0, 0], scale=[0.3, 0.8], fill_mode="mirror",
                                    interpolation="nearest", fill_value=1.0), [2, 5, 4, 2], 255, False),
    ("RandomColorJitter", dict(), [2, 3, 4, 3], 255, True),
    ("RandomColorJitter", dict(brightness_factor=[0.2, 0.2], contrast_factor=[0, 0],
                               saturation_factor=[0.7, 0.7], hue_factor=[0, 0], **UNIT),
     [2, 3, 4, 3], 1, True),
    ("RandomColorJitter", dict(brightness_factor=0.5, hue_factor=0.1, seed=3), [2, 3, 4, 3], 255,
     False),
    ("MixUp", dict(alpha=0.4), [1, 3, 4, 3], 255, True),
    ("MixUp", dict(seed=1), [3, 3, 4, 3], 255, False),
    ("CutMix", dict(factor=[0.3, 0.3]), [1, 3, 4, 3], 255, True),
    ("CutMix", dict(), [3, 3, 4, 3], 255, False),
    ("AugMix", dict(chain_depth=0, num_chains=2), [2, 3, 4, 3], 255, True),
    ("AugMix", dict(factor=[0.1, 0.4], alpha=0.5, all_ops=False, interpolation="nearest", **UNIT),
     [2, 3, 4, 3], 1, False),
    ("RandAugment", dict(num_ops=0), [2, 3, 4, 3], 255, True),
    ("RandAugment", dict(factor=0.2, interpolation="nearest", seed=5), [2, 3, 4, 3], 255, False),
    ("MaxNumBoundingBoxes", dict(max_number=3), [2, 3, 4, 3], 255, True),
    ("STFTSpectrogram", dict(mode="angle", frame_length=8, frame_step=3), [2, 20, 2], 1, False),
    ("STFTSpectrogram", dict(mode="angle", frame_length=6, fft_length=16, padding="same",
                             expand_dims=True, window="hamming", **FIRST), [2, 2, 15], 1, False),
    ("STFTSpectrogram", dict(mode="angle", frame_length=8, window=None, scaling=None), [1, 20, 1], 1,
     False),
]


def listed(value):
    """As JSON has it."""
    return json.loads(json.dumps(value, default=float))


def main():
    cases = []
    for name, arguments, shape, greatest, training in CASES:
        layer = getattr(keras.layers, name)(name="layer", **arguments)
        x = rng.uniform(-greatest if greatest == 10 else 0, greatest, size=shape).astype("float32")
        x = x.round(1 if greatest == 255 else 3)
        y = np.asarray(layer(x) if name == "STFTSpectrogram" else layer(x, training=training))
        cases.append(dict(layer=name, arguments=listed(arguments), training=training,
                          config=listed(layer.get_config()),
                          x=dict(shape=shape, values=[float(str(v)) for v in x.ravel()]),
                          y=dict(shape=list(y.shape), values=[float(str(v)) for v in y.ravel()])))
    weights = rng.uniform(size=(2, 4)).astype("float32").round(3)
    indices = np.array([[0, 2, 2, 5], [1, -1, 0, 3]])
    counted = keras.layers.CategoryEncoding(4, output_mode="count")(indices, count_weights=weights)
    with open(sys.argv[1], "w") as file:
        file.write('{"cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "],\n")
        file.write('"counts": ' + json.dumps(dict(
            indices=indices.tolist(), weights=weights.tolist(), result=np.asarray(counted).tolist())))
        file.write("}\n")
    print(len(cases), "cases, JAX", jax.__version__)


main()
