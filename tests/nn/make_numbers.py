"""Writes tests/data/nn_numbers.json: values and gradients of activations, regularizers, constraints,
initializers and layers, as Keras computes them. Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_numbers.py tests/data/nn_numbers.json

Gradients are those of the sum of all results, each times the cosine of its index.
"""

import json
import sys

import jax
import jax.numpy as jnp
import keras
import numpy as np

rng = np.random.default_rng(5)


def array(value):
    value = np.asarray(value)
    kind = "int32" if value.dtype.kind in "iu" else "float32"
    values = [float(str(v)) if kind == "float32" else int(v) for v in value.astype(kind).ravel()]
    return dict(dtype=kind, shape=list(value.shape), values=values)


def normal(*shape):
    return rng.normal(size=shape).astype("float32")


def cotangent(y):
    return jnp.cos(jnp.arange(y.size, dtype="float32")).reshape(y.shape)


def plain(arguments):
    return {k: keras.saving.serialize_keras_object(v) if hasattr(v, "get_config") else v
            for k, v in arguments.items()}


ACTIVATIONS = [
    ("celu", {}), ("celu", dict(alpha=0.7)), ("elu", {}), ("elu", dict(alpha=0.7)),
    ("exponential", {}), ("gelu", {}), ("gelu", dict(approximate=True)),
    ("glu", {}), ("glu", dict(axis=0)), ("hard_shrink", {}), ("hard_shrink", dict(threshold=1.1)),
    ("hard_sigmoid", {}), ("hard_silu", {}), ("hard_tanh", {}),
    ("leaky_relu", {}), ("leaky_relu", dict(negative_slope=0.3)), ("linear", {}),
    ("log_sigmoid", {}), ("log_softmax", {}), ("log_softmax", dict(axis=0)), ("mish", {}),
    ("relu", {}), ("relu", dict(negative_slope=0.1)), ("relu", dict(max_value=1.5)),
    ("relu", dict(max_value=6)), ("relu", dict(threshold=0.75)),
    ("relu", dict(negative_slope=0.1, max_value=2.0, threshold=0.5)),
    ("relu", dict(negative_slope=0.1, max_value=2.0)), ("relu6", {}), ("selu", {}),
    ("sigmoid", {}), ("silu", {}), ("soft_shrink", {}), ("soft_shrink", dict(threshold=1.1)),
    ("softmax", {}), ("softmax", dict(axis=0)), ("softplus", {}), ("softsign", {}),
    ("sparse_plus", {}), ("sparse_sigmoid", {}), ("sparsemax", {}), ("sparsemax", dict(axis=0)),
    ("squareplus", {}), ("squareplus", dict(b=1.5)), ("tanh", {}), ("tanh_shrink", {}),
    ("threshold", dict(threshold=0.5, default_value=-2.0)),
]


def activations():
    x = jnp.asarray(np.concatenate([
        normal(4, 6) * 2, [[-20, -4.5, 0, 4.5, 9, 20]], [[-3.2, -1.2, -0.4, 0.3, 1.3, 2.9]],
    ]).astype("float32"))
    for name, arguments in ACTIVATIONS:
        fn = lambda v: getattr(keras.activations, name)(v, **arguments)
        y = fn(x)
        dx = jax.grad(lambda v: jnp.sum(fn(v) * cotangent(y)))(x)
        yield dict(name=name, arguments=arguments, x=array(x), y=array(y), dx=array(dx))


def regularizers():
    x = jnp.asarray(normal(4, 3))
    for name, arguments in [
        ("L1", {}), ("L1", dict(l1=0.5)), ("L2", {}), ("L2", dict(l2=0.5)), ("L1L2", {}),
        ("L1L2", dict(l1=0.25)), ("L1L2", dict(l2=0.5)), ("L1L2", dict(l1=0.25, l2=0.5)),
        ("OrthogonalRegularizer", dict(factor=0.5)),
        ("OrthogonalRegularizer", dict(factor=0.5, mode="columns")),
    ]:
        fn = getattr(keras.regularizers, name)(**arguments)
        yield dict(name=name, arguments=arguments, x=array(x), y=array(fn(x)),
                   dx=array(jax.grad(lambda v: jnp.sum(fn(v)))(x)))


def constraints():
    shapes = [(4, 3), (2, 3, 4, 5), (3, 300), (6,)]
    for name, arguments, ranks in [
        ("MaxNorm", {}, (1, 2, 4)), ("MaxNorm", dict(max_value=1.0, axis=[0, 1, 2]), (4,)),
        ("MaxNorm", dict(max_value=0.5, axis=-1), (1, 2, 4)),
        ("MaxNorm", dict(max_value=1.0, axis=[1, 3]), (4,)), ("NonNeg", {}, (1, 2, 4)),
        ("UnitNorm", {}, (1, 2, 4)), ("UnitNorm", dict(axis=1), (2, 4)),
        ("UnitNorm", dict(axis=[0, 2]), (4,)),
        ("MinMaxNorm", {}, (1, 2)),
        ("MinMaxNorm", dict(min_value=0.9, max_value=1.1, rate=0.5, axis=[-1]), (2, 4)),
    ]:
        for shape in shapes:
            if len(shape) in ranks:
                w = normal(*shape)
                w[0] *= 3
                y = getattr(keras.constraints, name)(**arguments)(jnp.asarray(w))
                yield dict(name=name, arguments=arguments, x=array(w), y=array(y))


def initializers():
    for name, arguments, shape in [
        ("Zeros", {}, (2, 3)), ("Ones", {}, (2, 3)), ("Constant", dict(value=-1.5), (3,)),
        ("Identity", {}, (3, 3)), ("Identity", dict(gain=2.0), (2, 4)),
        ("STFT", {}, (8, 1, 5)), ("STFT", dict(side="imag", window="hamming", periodic=True,
                                              scaling="spectrum"), (7, 1, 4)),
        ("STFT", dict(window=None, scaling=None), (4, 1, 3)),
        ("STFT", dict(window="blackman", scaling=None), (9, 1, 3)),
        ("STFT", dict(window="nuttall"), (9, 1, 3)),
        ("STFT", dict(window="blackmanharris", periodic=True), (9, 1, 3)),
        ("STFT", dict(window="flattop"), (9, 1, 3)), ("STFT", dict(window="boxcar"), (5, 1, 3)),
    ]:
        y = getattr(keras.initializers, name)(**arguments)(shape)
        yield dict(name=name, arguments=arguments, shape=list(shape), y=array(y))


K = keras.regularizers
# (class, arguments, shapes of the inputs (batch included), training)
LAYERS = [
    ("Dense", dict(units=3), [(4, 5)], True),
    ("Dense", dict(units=2, activation="tanh", use_bias=False), [(2, 3, 4)], True),
    ("Dense", dict(units=2, activation="relu", activity_regularizer=K.L2(0.5)), [(4, 3)], True),
    ("Activation", dict(activation="softplus"), [(2, 3)], True),
    ("Dropout", dict(rate=0.5), [(2, 3)], False),
    ("Dropout", dict(rate=1.0), [(2, 3)], True),
    ("Dropout", dict(rate=0), [(2, 3)], True),
    ("Flatten", {}, [(2, 3, 4)], True),
    ("Flatten", {}, [(3,)], True),
    ("Flatten", dict(data_format="channels_first"), [(2, 3, 2, 2)], True),
    ("Reshape", dict(target_shape=[2, -1]), [(3, 4, 3)], True),
    ("Reshape", dict(target_shape=[12]), [(3, 4, 3)], True),
    ("Normalization", {}, [(3, 4)], False),
    ("Normalization", dict(invert=True), [(3, 4)], False),
    ("Normalization", dict(axis=None), [(3, 2, 2)], False),
    ("Normalization", dict(axis=[1, -1]), [(3, 2, 3)], False),
    ("Normalization", dict(axis=1, mean=[1.0, 2.0], variance=[3.0, 4.0]), [(3, 2, 3)], False),
    ("Normalization", dict(axis=[1, 2], mean=[1.0, 2.0, 3.0], variance=[3.0, 4.0, 0.0]),
     [(3, 2, 3)], False),
    ("Normalization", dict(mean=1.5, variance=2.0, invert=True), [(3, 2)], False),
    ("Rescaling", dict(scale=0.5, offset=-1), [(2, 3)], True),
    ("Rescaling", dict(scale=[1.0, 2.0, 3.0], offset=[0.5, 0.0, -0.5]), [(2, 2, 3)], True),
    ("BatchNormalization", {}, [(6, 3)], True),
    ("BatchNormalization", {}, [(6, 3)], False),
    ("BatchNormalization", dict(trainable=False), [(6, 3)], True),
    ("BatchNormalization", dict(axis=1, momentum=0.8, epsilon=0.1), [(4, 2, 3)], True),
    ("BatchNormalization", dict(axis=1), [(4, 2, 3)], False),
    ("BatchNormalization", dict(center=False, scale=False), [(2, 3, 2, 2)], True),
    ("BatchNormalization", dict(scale=False), [(6, 3)], True),
    ("BatchNormalization", dict(renorm=True), [(6, 3)], True),
    ("BatchNormalization", dict(renorm=True, scale=False, center=False, renorm_momentum=0.7,
                                renorm_clipping=dict(rmax=1.2, rmin=0.9, dmax=0.2)), [(6, 3)],
     True),
    ("BatchNormalization", dict(renorm=True), [(6, 3)], False),
    ("LayerNormalization", {}, [(4, 5)], True),
    ("LayerNormalization", dict(axis=[1, 2], epsilon=0.1), [(2, 3, 4)], True),
    ("LayerNormalization", dict(axis=1), [(2, 3, 4)], True),
    ("LayerNormalization", dict(center=False), [(2, 3, 4)], True),
    ("LayerNormalization", dict(scale=False), [(2, 3, 4)], True),
    ("LayerNormalization", dict(rms_scaling=True), [(2, 3, 4)], True),
    ("Concatenate", {}, [(2, 3), (2, 1), (2, 2)], True),
    ("Concatenate", dict(axis=1), [(2, 3, 2), (2, 1, 2)], True),
    ("Concatenate", dict(axis=-2), [(2, 3, 2), (2, 1, 2)], True),
    ("Add", {}, [(2, 3), (2, 3), (2, 3)], True),
    ("Add", {}, [(2, 3), (2, 1)], True),
    ("Add", {}, [(2, 4, 3), (2, 3)], True),
    ("Multiply", {}, [(2, 3), (2, 3)], True),
    ("Multiply", {}, [(2, 3), (2, 4, 2, 3), (2, 2, 1)], True),
    ("Multiply", {}, [(2, 3)], True),
]


def layers():
    for name, arguments, shapes, training in LAYERS:
        layer = getattr(keras.layers, name)(**arguments)
        inputs = [normal(*shape) for shape in shapes]
        merges = name in ("Concatenate", "Add", "Multiply")
        layer.build([s for s in shapes] if merges else shapes[0])
        for w in layer.weights:
            if "int" in w.dtype:
                continue
            value = normal(*w.shape)
            w.assign(abs(value) + 0.5 if "vari" in w.name or "stddev" in w.name else value)
        if name == "Normalization":
            layer.finalize_state()
        before = [np.asarray(w.value) for w in layer.weights]
        trainable = layer.trainable_variables
        state = layer.non_trainable_variables

        def run(tv, xs):
            with keras.StatelessScope(state_mapping=list(zip(trainable, tv))) as scope:
                takes_training = name in ("Dropout", "BatchNormalization")
                y = layer(xs if merges else xs[0],
                          **(dict(training=training) if takes_training else {}))
                return y, [scope.get_current_value(v) for v in state]

        def penalty(y):
            regularizer = layer.activity_regularizer
            return regularizer(y) / y.shape[0] if regularizer else 0.0

        def total(tv, xs):
            y, _ = run(tv, xs)
            return jnp.sum(y * cotangent(y)) + penalty(y)

        xs = [jnp.asarray(x) for x in inputs]
        tv = [v.value for v in trainable]
        y, after = run(tv, xs)
        if layer.activity_regularizer:
            layer(xs[0])
            assert abs(float(layer.losses[0]) - float(penalty(y))) < 1e-6
        dtv, dxs = jax.grad(total, argnums=(0, 1))(tv, xs)
        values = {id(v): a for v, a in zip(state, after)}
        yield dict(name=name, arguments=plain(arguments), training=training,
                   inputs=[array(x) for x in inputs], weights=[array(b) for b in before],
                   weight_names=[w.name for w in layer.weights], output=array(y),
                   penalty=float(penalty(y)), d_inputs=[array(d) for d in dxs],
                   d_weights=[array(d) for d in dtv],
                   after=[array(b if values.get(id(w)) is None else values[id(w)])
                          for w, b in zip(layer.weights, before)])


def adaptions():
    for axis, shape, dtype in [(-1, (50, 3), "float32"), (None, (10, 4), "float32"),
                               ([1, 2], (20, 2, 3), "float32"), (1, (6, 2, 3), "int32")]:
        data = (rng.normal(size=shape) * 5 + 3).astype(dtype)
        layer = keras.layers.Normalization(axis=axis)
        layer.adapt(data)
        yield dict(axis=axis, data=array(data), mean=array(layer.adapt_mean.value),
                   variance=array(layer.adapt_variance.value))


def main(path):
    parts = [activations, regularizers, constraints, initializers, layers, adaptions]
    with open(path, "w") as out:
        out.write("{\n" + ",\n".join(
            f'"{part.__name__}": [\n' + ",\n".join(json.dumps(case) for case in part()) + "\n]"
            for part in parts) + "\n}\n")


main(sys.argv[1])
