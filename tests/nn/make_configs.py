"""Writes tests/data/nn_configs.json: what Keras writes as the configuration of each thing, for the
arguments given. Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_configs.py tests/data/nn_configs.json
"""

import json
import sys

import keras

reg, con, ini = keras.regularizers, keras.constraints, keras.initializers
L = keras.layers


def saved(value):
    return keras.saving.serialize_keras_object(value)


# (class, arguments)
LAYERS = [
    ("InputLayer", dict(shape=[8])),
    ("InputLayer", dict(batch_shape=[4, None, 3], dtype="int32", name="words", optional=True)),
    ("InputLayer", dict(shape=[2, 3], batch_size=5)),
    ("InputLayer", dict(shape=[])),
    ("Dense", dict(units=3)),
    ("Dense", dict(units=3, activation="gelu", use_bias=False, kernel_initializer="he_normal",
                   bias_initializer=ini.Constant(0.5), kernel_regularizer=reg.L2(0.25),
                   bias_regularizer="l1", activity_regularizer=reg.L1L2(0.5, 0.25),
                   kernel_constraint=con.MaxNorm(3, axis=[0]), bias_constraint="non_neg",
                   name="wide", trainable=False, dtype="float64")),
    ("Activation", dict(activation="relu")),
    ("Activation", dict(activation="log_softmax", name="out", trainable=False)),
    ("Dropout", dict(rate=0.5)),
    ("Dropout", dict(rate=0.25, noise_shape=[None, 1, 3], seed=7)),
    ("Dropout", dict(rate=0)),
    ("Flatten", dict()),
    ("Flatten", dict(data_format="channels_first")),
    ("Reshape", dict(target_shape=[2, -1])),
    ("Reshape", dict(target_shape=[6])),
    ("Normalization", dict()),
    ("Normalization", dict(axis=None, invert=True)),
    ("Normalization", dict(axis=[1, -1])),
    ("Normalization", dict(mean=[1.0, 2.0], variance=[3.0, 4.0])),
    ("Normalization", dict(axis=1, mean=1.5, variance=2)),
    ("Rescaling", dict(scale=0.5)),
    ("Rescaling", dict(scale=[1.0, 2.0, 3.0], offset=[-1.0, 0.0, 1.0])),
    ("Rescaling", dict(scale=2, offset=-1)),
    ("BatchNormalization", dict()),
    ("BatchNormalization", dict(axis=1, momentum=0.9, epsilon=0.01, center=False, scale=False,
                                moving_mean_initializer="ones",
                                moving_variance_initializer=ini.Constant(2.0))),
    ("BatchNormalization", dict(beta_initializer="ones", gamma_initializer="zeros",
                                beta_regularizer="l2", gamma_regularizer=reg.L1(0.5),
                                beta_constraint="unit_norm", gamma_constraint=con.MinMaxNorm())),
    ("BatchNormalization", dict(renorm=True, renorm_clipping=dict(rmax=3.0, rmin=0.3, dmax=5.0),
                                renorm_momentum=0.9)),
    ("BatchNormalization", dict(renorm=True)),
    ("LayerNormalization", dict()),
    ("LayerNormalization", dict(axis=[1, 2], epsilon=1e-6, center=False, scale=False)),
    ("LayerNormalization", dict(axis=1, rms_scaling=True, beta_initializer="ones",
                                gamma_initializer=ini.Constant(2.0), beta_regularizer="l1",
                                gamma_regularizer="l2", beta_constraint="non_neg",
                                gamma_constraint=con.UnitNorm(axis=0))),
    ("Concatenate", dict()),
    ("Concatenate", dict(axis=1, name="both")),
    ("Add", dict()),
    ("Multiply", dict(name="gate")),
]
SEED = dict(seed=3)
AXES = dict(seed=3, input_axes=[0], output_axes=[1, 2])
INITIALIZERS = [
    ("Zeros", {}), ("Ones", {}), ("Constant", {}), ("Constant", dict(value=2.5)),
    ("Identity", {}), ("Identity", dict(gain=0.5)),
    ("RandomNormal", {}), ("RandomNormal", dict(mean=1.0, stddev=0.5, **SEED)),
    ("RandomUniform", {}), ("RandomUniform", dict(minval=-1.0, maxval=2.0, **SEED)),
    ("TruncatedNormal", {}), ("TruncatedNormal", dict(mean=1.0, stddev=0.5, **SEED)),
    ("VarianceScaling", {}),
    ("VarianceScaling", dict(scale=2.0, mode="fan_avg", distribution="uniform", **AXES)),
    ("VarianceScaling", dict(distribution="normal")),
    ("GlorotUniform", {}), ("GlorotUniform", AXES), ("GlorotNormal", {}), ("GlorotNormal", AXES),
    ("HeUniform", {}), ("HeUniform", AXES), ("HeNormal", {}), ("HeNormal", AXES),
    ("LecunUniform", {}), ("LecunUniform", AXES), ("LecunNormal", {}), ("LecunNormal", AXES),
    ("Orthogonal", {}), ("Orthogonal", dict(gain=2.0, **SEED)),
    ("STFT", {}),
    ("STFT", dict(side="imag", window="hamming", scaling="spectrum", periodic=True)),
    ("STFT", dict(window=None, scaling=None)),
]
REGULARIZERS = [
    ("L1", {}), ("L1", dict(l1=0.5)), ("L2", {}), ("L2", dict(l2=0.5)),
    ("L1L2", {}), ("L1L2", dict(l1=0.25, l2=0.5)),
    ("OrthogonalRegularizer", {}), ("OrthogonalRegularizer", dict(factor=0.5, mode="columns")),
]
CONSTRAINTS = [
    ("MaxNorm", {}), ("MaxNorm", dict(max_value=1.5, axis=[0, 1])), ("NonNeg", {}),
    ("UnitNorm", {}), ("UnitNorm", dict(axis=-1)), ("MinMaxNorm", {}),
    ("MinMaxNorm", dict(min_value=0.5, max_value=2.0, rate=0.5, axis=[1])),
]


def main(path):
    cases = []
    for kind, things in [("layers", LAYERS), ("initializers", INITIALIZERS),
                         ("regularizers", REGULARIZERS), ("constraints", CONSTRAINTS)]:
        module = getattr(keras, kind)
        for name, arguments in things:
            keras.utils.clear_session()
            made = getattr(module, name)(**arguments)
            plain = {k: v if isinstance(v, (dict, list)) else saved(v)
                     for k, v in arguments.items()}
            form = saved(made)
            form["config"].get("dtype") and isinstance(form["config"]["dtype"], dict) and \
                form["config"]["dtype"].pop("shared_object_id", None)
            form.pop("build_config", None)
            cases.append(dict(kind=kind, name=name, arguments=plain, form=form))
    with open(path, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


main(sys.argv[1])
