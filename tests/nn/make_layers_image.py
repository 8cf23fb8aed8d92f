"""Writes tests/data/layers_image.json: values, gradients and configurations of the layers over images
and sequences, as Keras computes them. Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_layers_image.py tests/data/layers_image.json

Gradients are those of the sum of all results, each times the cosine of its index.
"""

import inspect
import json
import sys

import jax
import jax.numpy as jnp
import keras
import numpy as np

rng = np.random.default_rng(11)
K = keras.regularizers
C = keras.constraints

# (class, arguments, shapes of the inputs (batch included)); a fourth entry: training.
CONV = [
    ("Conv1D", dict(filters=3, kernel_size=3), [(2, 6, 2)]),
    ("Conv1D", dict(filters=3, kernel_size=2, padding="causal", dilation_rate=2,
                    activation="tanh"), [(2, 6, 2)]),
    ("Conv1D", dict(filters=4, kernel_size=[3], strides=2, padding="same", groups=2,
                    use_bias=False), [(2, 7, 4)]),
    ("Conv1D", dict(filters=3, kernel_size=3, data_format="channels_first",
                    activation="softmax"), [(2, 2, 6)]),
    ("Conv2D", dict(filters=2, kernel_size=3), [(2, 4, 5, 3)]),
    ("Conv2D", dict(filters=2, kernel_size=[2, 3], strides=[2, 1], padding="same",
                    activation="relu", kernel_regularizer=K.L2(0.5), bias_initializer="ones",
                    activity_regularizer=K.L1(0.25)), [(2, 5, 4, 2)]),
    ("Conv2D", dict(filters=2, kernel_size=2, dilation_rate=[1, 2], padding="same"),
     [(2, 4, 4, 1)]),
    ("Conv2D", dict(filters=6, kernel_size=2, groups=3, data_format="channels_first"),
     [(1, 3, 4, 4)]),
    ("Conv2D", dict(filters=18, kernel_size=1), [(2, 2, 2, 3)]),
    ("Conv2D", dict(filters=3, kernel_size=1, strides=2, padding="same"), [(2, 3, 4, 3)]),
    ("Conv2D", dict(filters=4, kernel_size=3, groups=4, padding="same"), [(2, 3, 3, 4)]),
    ("Conv3D", dict(filters=2, kernel_size=2), [(1, 3, 3, 3, 2)]),
    ("Conv3D", dict(filters=2, kernel_size=[1, 2, 3], strides=[2, 1, 2], padding="same"),
     [(1, 3, 3, 4, 2)]),
    ("Conv3D", dict(filters=2, kernel_size=2, data_format="channels_first",
                    dilation_rate=2), [(1, 2, 3, 4, 3)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=3), [(2, 4, 3)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=3, strides=2, padding="same"), [(2, 4, 3)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=2, strides=3), [(2, 4, 3)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=4, strides=3, output_padding=1), [(1, 3, 3)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=5, strides=2, output_padding=0,
                             padding="same"), [(1, 3, 2)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=4, strides=3, output_padding=2,
                             padding="same"), [(1, 3, 2)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=2, strides=4, padding="same"), [(1, 3, 2)]),
    ("Conv1DTranspose", dict(filters=2, kernel_size=3, dilation_rate=2), [(1, 4, 2)]),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, strides=[2, 1], padding="same",
                             activation="relu"), [(2, 2, 3, 3)]),
    ("Conv2DTranspose", dict(filters=2, kernel_size=[2, 3], strides=2, output_padding=[1, 0],
                             padding="valid"), [(1, 2, 3, 2)]),
    ("Conv2DTranspose", dict(filters=2, kernel_size=3, data_format="channels_first",
                             strides=2, use_bias=False), [(1, 3, 2, 2)]),
    ("Conv2DTranspose", dict(filters=2, kernel_size=2, dilation_rate=2, padding="same"),
     [(1, 3, 3, 2)]),
    ("Conv3DTranspose", dict(filters=2, kernel_size=2, strides=2), [(1, 2, 2, 2, 2)]),
    ("Conv3DTranspose", dict(filters=2, kernel_size=3, strides=[1, 2, 1], padding="same",
                             output_padding=0), [(1, 2, 2, 2, 2)]),
    ("DepthwiseConv1D", dict(kernel_size=3), [(2, 5, 3)]),
    ("DepthwiseConv1D", dict(kernel_size=2, depth_multiplier=2, strides=2, padding="same"),
     [(2, 5, 3)]),
    ("DepthwiseConv2D", dict(kernel_size=3, padding="same", strides=2, activation="relu",
                             depthwise_constraint=C.MaxNorm(1.0)), [(2, 4, 5, 3)]),
    ("DepthwiseConv2D", dict(kernel_size=[2, 3], depth_multiplier=2, use_bias=False),
     [(2, 4, 4, 2)]),
    ("DepthwiseConv2D", dict(kernel_size=2, dilation_rate=2, data_format="channels_first"),
     [(1, 3, 4, 4)]),
    ("DepthwiseConv2D", dict(kernel_size=3, padding="same"), [(1, 3, 3, 19)]),
    ("SeparableConv1D", dict(filters=4, kernel_size=3, dilation_rate=2), [(2, 5, 3)]),
    ("SeparableConv1D", dict(filters=2, kernel_size=2, strides=2, padding="same",
                             depth_multiplier=2), [(2, 5, 3)]),
    ("SeparableConv2D", dict(filters=3, kernel_size=3, padding="same", activation="relu"),
     [(1, 4, 4, 2)]),
    ("SeparableConv2D", dict(filters=2, kernel_size=2, data_format="channels_first",
                             depth_multiplier=2, pointwise_regularizer="l2"), [(1, 2, 3, 4)]),
]

POOL = [
    ("MaxPooling1D", dict(), [(2, 5, 3)]),
    ("MaxPooling1D", dict(pool_size=3, strides=2, padding="same"), [(2, 6, 2)]),
    ("MaxPooling2D", dict(), [(2, 4, 5, 3)]),
    ("MaxPooling2D", dict(pool_size=[2, 3], strides=[1, 2], padding="same"), [(2, 4, 5, 3)]),
    ("MaxPooling2D", dict(pool_size=3, strides=2, data_format="channels_first"), [(2, 3, 5, 6)]),
    ("MaxPooling2D", dict(pool_size=2), [(1, 4, 4, 18)]),
    ("MaxPooling3D", dict(pool_size=2), [(1, 4, 3, 2, 2)]),
    ("MaxPooling3D", dict(pool_size=[1, 2, 3], strides=1, padding="same"), [(1, 2, 3, 4, 2)]),
    ("AveragePooling1D", dict(pool_size=2), [(2, 5, 3)]),
    ("AveragePooling1D", dict(pool_size=4, strides=3, padding="same",
                              data_format="channels_first"), [(2, 2, 7)]),
    ("AveragePooling2D", dict(pool_size=2), [(2, 4, 5, 3)]),
    ("AveragePooling2D", dict(pool_size=[3, 2], strides=[2, 1], padding="same"), [(2, 5, 4, 2)]),
    ("AveragePooling3D", dict(pool_size=2, padding="same"), [(1, 3, 3, 2, 2)]),
    ("AveragePooling3D", dict(pool_size=[2, 1, 2], strides=[1, 2, 1]), [(1, 3, 3, 2, 2)]),
    ("GlobalMaxPooling1D", dict(), [(2, 5, 3)]),
    ("GlobalMaxPooling2D", dict(data_format="channels_first"), [(2, 3, 4, 2)]),
    ("GlobalMaxPooling3D", dict(keepdims=True), [(2, 2, 3, 2, 2)]),
    ("GlobalAveragePooling1D", dict(keepdims=True), [(2, 5, 3)]),
    ("GlobalAveragePooling1D", dict(data_format="channels_first"), [(2, 5, 3)]),
    ("GlobalAveragePooling2D", dict(), [(2, 3, 4, 2)]),
    ("GlobalAveragePooling3D", dict(data_format="channels_first", keepdims=True),
     [(2, 2, 3, 2, 2)]),
    ("AdaptiveMaxPooling1D", dict(output_size=3), [(2, 7, 2)]),
    ("AdaptiveMaxPooling2D", dict(output_size=[2, 3]), [(2, 5, 7, 2)]),
    ("AdaptiveMaxPooling2D", dict(output_size=2, data_format="channels_first"), [(1, 2, 5, 4)]),
    ("AdaptiveMaxPooling3D", dict(output_size=2), [(1, 4, 3, 5, 2)]),
    ("AdaptiveAveragePooling1D", dict(output_size=4, data_format="channels_first"), [(2, 3, 6)]),
    ("AdaptiveAveragePooling2D", dict(output_size=[3, 2]), [(2, 5, 4, 2)]),
    ("AdaptiveAveragePooling2D", dict(output_size=1), [(2, 3, 4, 2)]),
    ("AdaptiveAveragePooling3D", dict(output_size=[1, 2, 3]), [(1, 4, 3, 5, 2)]),
]

SHAPE = [
    ("Cropping1D", dict(), [(2, 5, 2)]),
    ("Cropping1D", dict(cropping=2), [(2, 6, 1)]),
    ("Cropping1D", dict(cropping=[0, 1]), [(1, 3, 2)]),
    ("Cropping2D", dict(cropping=1), [(1, 4, 5, 2)]),
    ("Cropping2D", dict(cropping=[[0, 1], [2, 0]]), [(1, 3, 4, 2)]),
    ("Cropping2D", dict(cropping=[1, 0], data_format="channels_first"), [(1, 2, 4, 3)]),
    ("Cropping3D", dict(), [(1, 3, 4, 3, 2)]),
    ("Cropping3D", dict(cropping=[[0, 1], [1, 1], [0, 0]], data_format="channels_first"),
     [(1, 2, 3, 4, 2)]),
    ("ZeroPadding1D", dict(), [(2, 3, 2)]),
    ("ZeroPadding1D", dict(padding=[0, 2], data_format="channels_first"), [(1, 2, 3)]),
    ("ZeroPadding2D", dict(padding=[1, 2]), [(1, 2, 3, 2)]),
    ("ZeroPadding2D", dict(padding=[[0, 1], [2, 0]], data_format="channels_first"),
     [(1, 2, 3, 2)]),
    ("ZeroPadding3D", dict(padding=[[0, 1], [1, 0], [2, 0]]), [(1, 2, 3, 2, 2)]),
    ("UpSampling1D", dict(size=3), [(2, 3, 2)]),
    ("UpSampling2D", dict(), [(1, 2, 3, 2)]),
    ("UpSampling2D", dict(size=[2, 3], interpolation="bilinear"), [(1, 3, 4, 2)]),
    ("UpSampling2D", dict(size=2, interpolation="bicubic", data_format="channels_first"),
     [(1, 2, 4, 5)]),
    ("UpSampling2D", dict(size=[3, 1], interpolation="lanczos3"), [(1, 5, 2, 2)]),
    ("UpSampling3D", dict(size=[1, 2, 3], data_format="channels_first"), [(1, 2, 2, 2, 2)]),
    ("UpSampling3D", dict(), [(1, 2, 1, 2, 2)]),
    ("Permute", dict(dims=[2, 1]), [(2, 3, 4)]),
    ("Permute", dict(dims=[3, 1, 2]), [(2, 2, 3, 4)]),
    ("RepeatVector", dict(n=3), [(2, 4)]),
    ("Resizing", dict(height=3, width=5), [(2, 4, 4, 2)]),
    ("Resizing", dict(height=7, width=3, interpolation="nearest"), [(1, 4, 5, 2)]),
    ("Resizing", dict(height=3, width=2, interpolation="bilinear", antialias=True),
     [(1, 7, 6, 1)]),
    ("Resizing", dict(height=5, width=9, interpolation="bicubic"), [(1, 8, 6, 1)]),
    ("Resizing", dict(height=3, width=4, interpolation="bicubic", antialias=True),
     [(1, 8, 9, 1)]),
    ("Resizing", dict(height=6, width=5, interpolation="lanczos5"), [(1, 12, 4, 1)]),
    ("Resizing", dict(height=4, width=4, interpolation="lanczos3", antialias=True,
                      data_format="channels_first"), [(1, 2, 9, 7)]),
    ("Resizing", dict(height=3, width=3, crop_to_aspect_ratio=True), [(1, 4, 7, 2)]),
    ("Resizing", dict(height=4, width=3, crop_to_aspect_ratio=True), [(1, 5, 4, 1)]),
    ("Resizing", dict(height=4, width=4, pad_to_aspect_ratio=True, fill_value=0.5),
     [(1, 3, 6, 2)]),
    ("Resizing", dict(height=2, width=6, pad_to_aspect_ratio=True), [(1, 3, 4, 1)]),
    ("CenterCrop", dict(height=3, width=2), [(2, 4, 5, 2)]),
    ("CenterCrop", dict(height=2, width=2, data_format="channels_first"), [(1, 2, 5, 4)]),
    ("CenterCrop", dict(height=5, width=3), [(1, 4, 6, 2)]),
]

NORM = [
    ("GroupNormalization", dict(groups=2), [(2, 3, 4)]),
    ("GroupNormalization", dict(groups=-1, epsilon=0.1), [(2, 2, 3, 4)]),
    ("GroupNormalization", dict(groups=1, center=False), [(2, 3, 4)]),
    ("GroupNormalization", dict(groups=2, axis=1, scale=False), [(2, 4, 3)]),
    ("GroupNormalization", dict(groups=3, axis=-2, gamma_regularizer="l2"), [(2, 2, 6, 2)]),
    ("GroupNormalization", dict(groups=2), [(3, 6)]),
    ("RMSNormalization", dict(), [(3, 5)]),
    ("RMSNormalization", dict(axis=[1, 2], epsilon=0.01), [(2, 3, 4)]),
    ("UnitNormalization", dict(), [(3, 5)]),
    ("UnitNormalization", dict(axis=[1, 2]), [(2, 3, 4)]),
    ("UnitNormalization", dict(axis=1), [(2, 3, 4)]),
    ("SpectralNormalization", dict(layer=keras.layers.Dense(3, name="inner")), [(4, 5)], True),
    ("SpectralNormalization", dict(layer=keras.layers.Dense(3, name="inner")), [(4, 5)]),
    ("SpectralNormalization", dict(layer=keras.layers.Conv2D(2, 2, name="inner"),
                                   power_iterations=3), [(2, 3, 4, 2)], True),
]

ACTIVATION = [
    ("ReLU", dict(), [(3, 4)]),
    ("ReLU", dict(max_value=1.0, negative_slope=0.1, threshold=0.25), [(3, 4)]),
    ("LeakyReLU", dict(), [(3, 4)]),
    ("LeakyReLU", dict(negative_slope=0.01), [(3, 4)]),
    ("ELU", dict(alpha=0.5), [(3, 4)]),
    ("PReLU", dict(), [(2, 3, 4)]),
    ("PReLU", dict(shared_axes=[1, 2], alpha_regularizer="l1", alpha_constraint="non_neg"),
     [(2, 3, 2, 4)]),
    ("PReLU", dict(shared_axes=1), [(2, 3, 2)]),
    ("Softmax", dict(), [(3, 4)]),
    ("Softmax", dict(axis=1), [(2, 3, 2)]),
    ("Softmax", dict(axis=[1, 2]), [(2, 3, 2)]),
    ("Softmax", dict(axis=[-1]), [(2, 3, 2)]),
    ("Identity", dict(), [(2, 3)]),
    ("ActivityRegularization", dict(l1=0.25, l2=0.5), [(2, 3)]),
    ("ActivityRegularization", dict(), [(2, 3)]),
]

NOISE = [
    ("SpatialDropout1D", dict(rate=0.5), [(2, 3, 2)]),
    ("SpatialDropout1D", dict(rate=0.0, seed=3), [(2, 3, 2)], True),
    ("SpatialDropout2D", dict(rate=0.25, data_format="channels_first"), [(2, 3, 2, 2)]),
    ("SpatialDropout3D", dict(rate=1.0), [(1, 2, 2, 2, 2)], True),
    ("GaussianNoise", dict(stddev=0.5, seed=1), [(2, 3)]),
    ("GaussianNoise", dict(stddev=0.0), [(2, 3)], True),
    ("GaussianDropout", dict(rate=0.5), [(2, 3)]),
    ("AlphaDropout", dict(rate=0.5, noise_shape=[2, 1]), [(2, 3)]),
    ("AlphaDropout", dict(rate=0.0), [(2, 3)], True),
]

MERGE = [
    ("Average", dict(), [(2, 3), (2, 3), (2, 3)]),
    ("Average", dict(), [(2, 4, 3), (2, 3)]),
    ("Maximum", dict(), [(2, 3), (2, 1), (2, 3)]),
    ("Minimum", dict(), [(2, 3), (2, 3)]),
    ("Multiply", dict(), [(2, 3), (2, 3), (2, 1)]),
    ("Subtract", dict(), [(2, 3), (2, 3)]),
    ("Dot", dict(axes=1), [(3, 4), (3, 4)]),
    ("Dot", dict(axes=-1, normalize=True), [(3, 2, 4), (3, 4)]),
    ("Dot", dict(axes=[1, 2]), [(2, 3, 2), (2, 4, 3)]),
    ("Dot", dict(axes=[2, 1], normalize=True), [(2, 2, 3), (2, 3, 2)]),
    ("Dot", dict(axes=[1, 1]), [(2, 3), (2, 3, 2)]),
    ("Dot", dict(axes=2), [(2, 2, 3, 2), (2, 4, 3)]),
]

SOUND = [
    ("STFTSpectrogram", dict(frame_length=8, mode="magnitude"), [(2, 20, 2)]),
    ("STFTSpectrogram", dict(frame_length=6, frame_step=2, fft_length=8, mode="psd",
                             padding="same", expand_dims=True), [(2, 13, 2)]),
    ("STFTSpectrogram", dict(frame_length=8, mode="stft", data_format="channels_first",
                             window="hamming", scaling="spectrum", periodic=True), [(1, 2, 15)]),
    ("STFTSpectrogram", dict(frame_length=4, mode="real", window=None), [(1, 9, 1)]),
    ("STFTSpectrogram", dict(frame_length=4, mode="imag", scaling=None, expand_dims=True,
                             data_format="channels_first"), [(1, 2, 9)]),
    ("STFTSpectrogram", dict(frame_length=4, frame_step=3), [(1, 12, 2)]),
    ("MelSpectrogram", dict(fft_length=32, sequence_stride=8, sampling_rate=800, num_mel_bins=6),
     [(2, 70)]),
    ("MelSpectrogram", dict(fft_length=16, sequence_length=10, sequence_stride=5, window="hamming",
                            sampling_rate=800, num_mel_bins=4, max_freq=300.0, min_freq=50.0,
                            power_to_db=False, mag_exp=1.5), [(2, 40)]),
    ("MelSpectrogram", dict(fft_length=16, sequence_stride=6, window=None, sampling_rate=400,
                            num_mel_bins=3, top_db=5.0, ref_power=0.5, min_power=0.01),
     [(1, 33)]),
]

# Random layers with nothing left to chance; in training, images of values 0 to 1, no gradients.
UNIT = dict(value_range=[0.0, 1.0])
AUGMENTATION = [
    ("RandomRotation", dict(factor=[0.1, 0.1]), [(2, 5, 4, 2)]),
    ("RandomRotation", dict(factor=[-0.3, -0.3], fill_mode="constant", fill_value=0.5),
     [(1, 4, 6, 1)]),
    ("RandomRotation", dict(factor=[0.2, 0.2], fill_mode="nearest", interpolation="nearest",
                            data_format="channels_first"), [(1, 2, 5, 5)]),
    ("RandomZoom", dict(height_factor=[0.3, 0.3], width_factor=[-0.4, -0.4]), [(1, 5, 6, 2)]),
    ("RandomZoom", dict(height_factor=[0.5, 0.5], fill_mode="wrap"), [(1, 4, 5, 2)]),
    ("RandomTranslation", dict(height_factor=[0.25, 0.25], width_factor=[-0.3, -0.3],
                               fill_mode="reflect"), [(1, 4, 5, 2)]),
    ("RandomTranslation", dict(height_factor=[0.9, 0.9], width_factor=[0.8, 0.8], seed=4),
     [(1, 3, 4, 1)]),
    ("RandomShear", dict(x_factor=0.0, y_factor=0.0), [(1, 3, 4, 1)]),
    ("RandomCrop", dict(height=4, width=3, seed=1), [(2, 4, 3, 2)]),
    ("RandomCrop", dict(height=5, width=6, seed=1), [(1, 4, 3, 2)]),
    ("RandomBrightness", dict(factor=[0.2, 0.2], **UNIT), [(2, 2, 3, 3)]),
    ("RandomContrast", dict(factor=[0.0, 0.0], **UNIT), [(2, 2, 3, 3)]),
    ("RandomGrayscale", dict(factor=1.0), [(2, 2, 3, 3)]),
    ("RandomInvert", dict(factor=[1.0, 1.0], **UNIT), [(2, 2, 3, 3)]),
    ("RandomPosterization", dict(factor=[3, 3], **UNIT), [(2, 2, 3, 3)]),
    ("RandomSharpness", dict(factor=[0.8, 0.8], **UNIT), [(2, 4, 3, 3)]),
    ("RandomSharpness", dict(factor=[0.1, 0.1], data_format="channels_first", **UNIT),
     [(1, 2, 4, 3)]),
    ("RandomColorDegeneration", dict(factor=[0.6, 0.6], **UNIT), [(2, 2, 3, 3)]),
    ("RandomSaturation", dict(factor=[0.7, 0.7], **UNIT), [(2, 3, 3, 3)]),
    ("RandomHue", dict(factor=[0.0, 0.0], **UNIT), [(2, 3, 3, 3)]),
    ("Solarization", dict(addition_factor=0.0, threshold_factor=0.0, **UNIT), [(2, 2, 3, 3)]),
    ("AutoContrast", UNIT, [(2, 3, 3, 2)]),
    ("RandomFlip", dict(seed=3), [(2, 2, 3, 1)], False),
]


def array(value):
    value = np.asarray(value)
    kind = "int32" if value.dtype.kind in "iu" else "float32"
    values = [float(str(v)) if kind == "float32" else int(v) for v in value.astype(kind).ravel()]
    return dict(dtype=kind, shape=list(value.shape), values=values)


def normal(*shape):
    return rng.normal(size=shape).astype("float32").round(3)


def cotangent(y):
    return jnp.cos(jnp.arange(y.size, dtype="float32")).reshape(y.shape)


def plain(arguments):
    return {k: keras.saving.serialize_keras_object(v) if hasattr(v, "get_config") else v
            for k, v in arguments.items()}


def play(name, arguments, shapes, training=False, gradients=True):
    given = plain(arguments)
    layer = getattr(keras.layers, name)(**arguments)
    inputs = [normal(*shape) if gradients else rng.uniform(size=shape).astype("float32").round(3)
              for shape in shapes]
    several = len(shapes) > 1
    layer(inputs if several else inputs[0])
    for w in layer.weights:
        value = normal(*w.shape)
        w.assign(abs(value) + 0.5 if "vari" in w.name else value)
    before = [np.asarray(w.value) for w in layer.weights]
    trainable, state = layer.trainable_variables, layer.non_trainable_variables
    takes_training = "training" in inspect.signature(layer.call).parameters
    keywords = dict(training=training) if takes_training else {}

    def run(tv, xs):
        with keras.StatelessScope(state_mapping=list(zip(trainable, tv))) as scope:
            y = layer(xs if several else xs[0], **keywords)
            return y, [scope.get_current_value(v) for v in state]

    def penalty(y):
        regularizer = layer.activity_regularizer
        return regularizer(y) / y.shape[0] if regularizer else 0.0

    def total(tv, xs):
        y, _ = run(tv, xs)
        return jnp.sum(y * cotangent(y)) + penalty(y)

    xs, tv = [jnp.asarray(x) for x in inputs], [v.value for v in trainable]
    y, after = run(tv, xs)
    derived = {}
    if gradients:
        dtv, dxs = jax.grad(total, argnums=(0, 1))(tv, xs)
        derived = dict(d_inputs=[array(d) for d in dxs], d_weights=[array(d) for d in dtv])
    values = {id(v): a for v, a in zip(state, after)}
    saved = keras.saving.serialize_keras_object(layer)
    if isinstance(saved["config"].get("layer"), dict):
        saved["config"]["layer"].pop("build_config", None)
    return dict(name=name, arguments=given, training=training,
                has_build_config="build_config" in saved,
                tolerance=1e-4 if name == "MelSpectrogram" else 1e-5,
                config=json.loads(json.dumps(plain(saved["config"]))),
                inputs=[array(x) for x in inputs], weights=[array(b) for b in before],
                weight_names=[w.name for w in layer.weights], output=array(y),
                penalty=float(penalty(y)), **derived,
                after=[array(b if values.get(id(w)) is None else values[id(w)])
                       for w, b in zip(layer.weights, before)])


# Layers that learn from data: (arguments, data to adapt to, inputs).
def adaptions():
    for arguments, shape in [(dict(num_bins=4), (1000, 1)), (dict(num_bins=3), (7, 2)),
                             (dict(num_bins=5, epsilon=0.1, output_mode="one_hot"), (40, 1)),
                             (dict(num_bins=2, output_mode="count"), (250, 3)),
                             (dict(bin_boundaries=[-0.5, 0.0, 1.5]), None),
                             (dict(bin_boundaries=[0.25], output_mode="multi_hot"), None)]:
        layer = keras.layers.Discretization(**arguments)
        data = normal(*shape) if shape else None
        if shape:
            layer.update_state(data)  # what adapt() does; that wants TensorFlow
            layer.finalize_state()
        x = np.array([[-0.5, 0.0, 0.7], [1.5, -3.0, 2.0]], "float32")
        yield dict(name="Discretization", arguments=arguments, data=shape and array(data),
                   boundaries=[float(b) for b in layer.bin_boundaries], x=array(x),
                   y=array(layer(x)))


PARTS = dict(conv=CONV, pool=POOL, shape=SHAPE, norm=NORM, activation=ACTIVATION, noise=NOISE,
             merge=MERGE, sound=SOUND,
             augmentation=[(*case[:3], len(case) < 4, False) for case in AUGMENTATION])


def main(path):
    with open(path, "w") as out:
        out.write("{\n" + ",\n".join(
            f'"{part}": [\n' + ",\n".join(json.dumps(play(*case)) for case in cases) + "\n]"
            for part, cases in PARTS.items()))
        out.write(',\n"adaptions": [\n' + ",\n".join(map(json.dumps, adaptions())) + "\n]\n}\n")


main(sys.argv[1])
