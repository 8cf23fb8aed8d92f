"""One layer with drawn arguments, by itself or behind another."""

import keras
from keras import layers

from .draw import ACTIVATIONS, between, flag, initializer, kernel_options, normal, number, pick, some

SPATIAL = {1: (9,), 2: (8, 7), 3: (5, 6, 4)}


def image(r, rank, channels):
    """Shape of a sample and its data_format."""
    extents = tuple(between(r, n - 1, n + 1) for n in SPATIAL[rank])
    return pick(
        r,
        ((*extents, channels), "channels_last"),
        ((*extents, channels), None),
        ((channels, *extents), "channels_first"),
    )


def per_axis(r, rank, low, high):
    return pick(r, between(r, low, high), tuple(between(r, low, high) for _ in range(rank)))


def strides_or_dilation(r, rank):
    return pick(r, {}, {"strides": per_axis(r, rank, 1, 3)}, {"dilation_rate": per_axis(r, rank, 1, 2)})


def conv(r):
    rank = between(r, 1, 3)
    groups = pick(r, 1, 1, 2)
    shape, data_format = image(r, rank, 2 * groups)
    padding = pick(r, "valid", "same", *(["causal"] if rank == 1 and data_format != "channels_first" else []))
    return (
        getattr(layers, f"Conv{rank}D")(
            groups * between(r, 1, 3),
            per_axis(r, rank, 1, 3),
            groups=groups,
            padding=padding,
            data_format=data_format,
            activation=pick(r, *ACTIVATIONS),
            **strides_or_dilation(r, rank),
            **kernel_options(r),
        ),
        shape,
    )


def conv_transpose(r):
    rank = between(r, 1, 3)
    shape, data_format = image(r, rank, 2)
    strides = [between(r, 1, 3) for _ in range(rank)]
    output_padding = pick(r, None, tuple(between(r, 0, max(s - 1, 0)) for s in strides))
    dilation = {"dilation_rate": 2} if flag(r, 0.2) and set(strides) == {1} else {}
    return (
        getattr(layers, f"Conv{rank}DTranspose")(
            between(r, 1, 3),
            per_axis(r, rank, 1, 4),
            strides=tuple(strides),
            padding=pick(r, "valid", "same"),
            output_padding=output_padding,
            data_format=data_format,
            activation=pick(r, *ACTIVATIONS),
            **dilation,
            **kernel_options(r),
        ),
        shape,
    )


def depthwise(r):
    rank = between(r, 1, 2)
    shape, data_format = image(r, rank, 3)
    options = pick(r, {}, {"strides": between(r, 1, 3)}, {"dilation_rate": per_axis(r, rank, 1, 2)})
    return (
        getattr(layers, f"DepthwiseConv{rank}D")(
            per_axis(r, rank, 1, 3),
            depth_multiplier=between(r, 1, 3),
            padding=pick(r, "valid", "same"),
            data_format=data_format,
            activation=pick(r, *ACTIVATIONS),
            **options,
            **kernel_options(r, "depthwise"),
        ),
        shape,
    )


def separable(r):
    rank = between(r, 1, 2)
    shape, data_format = image(r, rank, 3)
    options = pick(r, {}, {"strides": between(r, 1, 3)}, {"dilation_rate": per_axis(r, rank, 1, 2)})
    return (
        getattr(layers, f"SeparableConv{rank}D")(
            between(r, 1, 4),
            per_axis(r, rank, 1, 3),
            depth_multiplier=between(r, 1, 3),
            padding=pick(r, "valid", "same"),
            data_format=data_format,
            activation=pick(r, *ACTIVATIONS),
            **options,
            **kernel_options(r, "pointwise"),
        ),
        shape,
    )


def pooling(r):
    rank, kind = between(r, 1, 3), pick(r, "Max", "Average")
    shape, data_format = image(r, rank, 2)
    return (
        getattr(layers, f"{kind}Pooling{rank}D")(
            per_axis(r, rank, 1, 3),
            strides=pick(r, None, per_axis(r, rank, 1, 3)),
            padding=pick(r, "valid", "same"),
            data_format=data_format,
        ),
        shape,
    )


def global_pooling(r):
    rank, kind = between(r, 1, 3), pick(r, "Max", "Average")
    shape, data_format = image(r, rank, 3)
    return getattr(layers, f"Global{kind}Pooling{rank}D")(data_format=data_format, keepdims=flag(r)), shape


def adaptive_pooling(r):
    rank, kind = between(r, 1, 3), pick(r, "Max", "Average")
    shape, data_format = image(r, rank, 2)
    return getattr(layers, f"Adaptive{kind}Pooling{rank}D")(per_axis(r, rank, 1, 4), data_format=data_format), shape


def padding(r):
    rank = between(r, 1, 3)
    shape, data_format = image(r, rank, 2)
    kind = pick(r, "ZeroPadding", "Cropping")
    amount = pick(
        r,
        between(r, 0, 1),
        tuple(between(r, 0, 1) for _ in range(rank)),
        tuple((between(r, 0, 1), between(r, 0, 1)) for _ in range(rank)),
    )
    if rank == 1 and isinstance(amount, tuple):
        amount = (between(r, 0, 2), between(r, 0, 2))
    if rank == 1:
        return (
            getattr(layers, kind + "1D")(amount, **({"data_format": data_format} if kind == "ZeroPadding" else {})),
            shape,
        )
    return getattr(layers, f"{kind}{rank}D")(amount, data_format=data_format), shape


def upsampling(r):
    rank = between(r, 1, 3)
    if rank == 1:
        return layers.UpSampling1D(between(r, 1, 3)), (5, 2)
    shape, data_format = image(r, rank, 2)
    options = some(r, interpolation=("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")) if rank == 2 else {}
    return getattr(layers, f"UpSampling{rank}D")(per_axis(r, rank, 1, 3), data_format=data_format, **options), shape


def dense(r):
    return layers.Dense(
        between(r, 1, 5),
        activation=pick(r, *ACTIVATIONS),
        kernel_initializer=initializer(r),
        **kernel_options(r),
        **some(r, 0.2, lora_rank=2),
    ), pick(r, (5,), (3, 4), (2, 3, 4))


def einsum_dense(r):
    equation, shape, output, bias = pick(
        r,
        ("abc,cd->abd", (3, 4), (None, 5), "d"),
        ("abc,cde->abde", (3, 4), (None, 2, 5), "de"),
        ("...x,xy->...y", (3, 4), 6, "y"),
        ("abcd,cde->abe", (3, 2, 4), (None, 5), "e"),
        ("ab,bc->ac", (4,), 3, None),
        ("abc,bd->acd", (3, 4), (None, 2), "cd"),
    )
    return layers.EinsumDense(equation, output, bias_axes=pick(r, None, bias), activation=pick(r, *ACTIVATIONS)), shape


def normalization(r):
    shape = pick(r, (5,), (4, 3), (4, 5, 3))
    axis = pick(r, -1, between(r, 1, len(shape)))
    what = pick(r, "Batch", "Layer", "Group", "RMS", "Unit", "Spectral", "BatchRenorm")
    affine = some(
        r, 0.3, center=(False,), scale=(False,), beta_regularizer="l2", gamma_constraint="non_neg", epsilon=(1e-2,)
    )
    if what == "Batch":
        return layers.BatchNormalization(axis=axis, momentum=pick(r, 0.99, 0.8, 0.5), **affine), shape
    if what == "BatchRenorm":
        return (
            layers.BatchNormalization(
                axis=axis,
                momentum=0.8,
                renorm=True,
                renorm_clipping=pick(r, None, {"rmax": 3.0, "rmin": 0.3, "dmax": 1.0}),
            ),
            shape,
        )
    if what == "Layer":
        axes = pick(r, axis, list(range(1, len(shape) + 1)), [-1])
        return layers.LayerNormalization(axis=axes, **affine), shape
    if what == "Group":
        axis = pick(r, -1, between(r, 1, len(shape)))
        extent = shape[axis - 1 if axis > 0 else axis]
        groups = pick(r, -1, 1, *[g for g in (2, 3) if extent % g == 0])
        return layers.GroupNormalization(groups=groups, axis=axis, **affine), shape
    if what == "RMS":
        return (
            layers.RMSNormalization(axis=pick(r, -1, axis, list(range(1, len(shape) + 1))), epsilon=pick(r, 1e-6, 0.1)),
            shape,
        )
    if what == "Unit":
        return layers.UnitNormalization(axis=pick(r, axis, list(range(1, len(shape) + 1)))), shape
    return layers.SpectralNormalization(layers.Dense(3), power_iterations=between(r, 1, 3)), (4,)


def reshaping(r):
    return pick(
        r,
        (layers.Flatten(data_format=pick(r, None, "channels_first", "channels_last")), pick(r, (), (3,), (3, 4, 2))),
        (layers.Reshape(pick(r, (12,), (-1,), (4, 3), (2, -1, 3))), (3, 4)),
        (layers.Permute((2, 1)), (3, 4)),
        (layers.Permute((3, 1, 2)), (3, 4, 2)),
        (layers.RepeatVector(3), (4,)),
    )


def activation(r):
    return pick(
        r,
        (
            layers.PReLU(
                shared_axes=pick(r, None, [1], [1, 2], [2]),
                **some(r, 0.3, alpha_regularizer="l2", alpha_constraint="non_neg", alpha_initializer="ones"),
            ),
            (3, 4),
        ),
        (layers.LeakyReLU(number(r, 0, 0.5)), (3, 4)),
        (layers.ELU(number(r, 0.2, 2)), (3, 4)),
        (
            layers.ReLU(max_value=pick(r, None, 1.0), negative_slope=pick(r, 0.0, 0.2), threshold=pick(r, 0.0, 0.5)),
            (5,),
        ),
        (layers.Softmax(axis=pick(r, -1, 1, [1, 2], (-2,))), (3, 4)),
        (
            layers.Activation(pick(r, *ACTIVATIONS[1:], "log_softmax", "softmax", "sparsemax", "glu", "squareplus")),
            (3, 4),
        ),
        (layers.Rescaling(pick(r, 2.0, [1.0, 2.0, 3.0]), offset=pick(r, 0.5, [0.0, 1.0, 2.0])), (4, 3)),
    )


def recurrent(r):
    kind = pick(r, layers.SimpleRNN, layers.LSTM, layers.GRU)
    options = some(
        r,
        0.4,
        return_sequences=True,
        go_backwards=True,
        unroll=True,
        use_bias=False,
        activation=("relu", None),
        kernel_regularizer="l2",
    )
    if kind is not layers.SimpleRNN:
        options |= some(r, 0.3, recurrent_activation=("hard_sigmoid", "tanh"))
    if kind is layers.GRU:
        options |= some(r, 0.4, reset_after=False)
    if flag(r, 0.3):
        merge = pick(r, "concat", "sum", "mul", "ave")
        options.pop("go_backwards", None)
        return layers.Bidirectional(kind(between(r, 1, 4), **options), merge_mode=merge), (5, 3)
    return kind(between(r, 1, 5), **options), (5, 3)


def conv_lstm(r):
    rank = between(r, 1, 2)
    shape, data_format = image(r, rank, 2)
    options = pick(r, {}, {"strides": 2}, {"dilation_rate": 2}) | some(
        r, 0.4, return_sequences=True, go_backwards=True, use_bias=False
    )
    return getattr(layers, f"ConvLSTM{rank}D")(
        2, per_axis(r, rank, 1, 2), padding=pick(r, "valid", "same"), data_format=data_format, **options
    ), (3, *shape)


def wrapped(r):
    inner, shape = pick(r, conv, dense, normalization, pooling)(r)
    return layers.TimeDistributed(inner), (3, *shape)


def resizing(r):
    shape, data_format = image(r, 2, 2)
    return (
        layers.Resizing(
            between(r, 3, 12),
            between(r, 3, 12),
            interpolation=pick(r, "nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"),
            data_format=data_format,
            **some(r, 0.3, crop_to_aspect_ratio=True),
        ),
        shape,
    )


def spectral(r):
    return pick(
        r,
        (
            layers.MelSpectrogram(
                fft_length=64,
                sequence_stride=pick(r, 16, 32),
                sequence_length=pick(r, None, 32, 48),
                sampling_rate=1000,
                num_mel_bins=8,
                min_freq=pick(r, 0.0, 20.0),
                max_freq=pick(r, None, 400.0),
                power_to_db=flag(r),
                mag_exp=pick(r, 1.0, 2.0),
                window=pick(r, "hann", "hamming"),
            ),
            (200,),
        ),
        (
            layers.STFTSpectrogram(
                mode=pick(r, "log", "magnitude", "psd", "real", "imag", "angle", "stft"),
                frame_length=16,
                frame_step=pick(r, 4, 8),
                fft_length=pick(r, 16, 32),
                window=pick(r, "hann", "hamming", None),
                expand_dims=flag(r),
                padding=pick(r, "valid", "same"),
                scaling=pick(r, "density", "spectrum", None),
            ),
            (60, 2),
        ),
    )


MAKERS = [
    conv,
    conv,
    conv_transpose,
    depthwise,
    separable,
    pooling,
    global_pooling,
    adaptive_pooling,
    padding,
    upsampling,
    dense,
    einsum_dense,
    normalization,
    normalization,
    reshaping,
    activation,
    recurrent,
    conv_lstm,
    wrapped,
    resizing,
    spectral,
]


def case(r):
    layer, shape = pick(r, *MAKERS)(r)
    x = keras.Input(shape)
    before = layers.Dense(shape[-1])(x) if shape and flag(r, 0.4) else x
    h = layer(before)
    model = keras.Model(x, layers.Dense(2)(layers.Flatten()(h)) if flag(r, 0.7) else h)
    model.compile(keras.optimizers.SGD(0.002), "mse")
    return model, {"x": normal(r, (12, *shape)), "y": normal(r, (12, *model.output.shape[1:]))}
