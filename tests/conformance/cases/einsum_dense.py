"""EinsumDense: the forms of equations that Keras allows."""

import keras
from keras import layers

from .case import normal


def chain(shape, *inner):
    return keras.Sequential([keras.Input(shape), *inner])


def cases():
    reg, con = keras.regularizers, keras.constraints
    E = layers.EinsumDense
    models = {
        "dense": chain((6,), E("ab,bc->ac", 4, activation="relu", bias_axes="c")),
        "no_bias": chain((5, 6), E("abc,cd->abd", (None, 3))),
        "two_out": chain((5, 6), E("abc,cde->abde", (None, 2, 3), bias_axes="de", activation="sigmoid")),
        "two_in": chain((5, 2, 3), E("abcd,cde->abe", (None, 4), bias_axes="e", activation="softmax")),
        "softmax_of_two": chain((5, 6), E("abc,cde->abde", (5, 2, 3), bias_axes="e", activation="softmax")),
        "over_time": chain((5, 6), E("abc,bd->adc", (4, 6), bias_axes="d")),
        "kernel_transposed": chain((5, 6), E("abc,dc->abd", (5, 3), bias_axes="bd", activation="tanh")),
        "output_reordered": chain((5, 6), E("abc,cd->adb", (3, 5), bias_axes="d")),
        "each_step_its_own": chain((5, 6), E("abc,bcd->abd", (5, 3), bias_axes="bd")),
        "elementwise": chain((5, 6), E("abc,bc->abc", (5, 6), bias_axes="c")),
        "dots_left": chain((2, 5, 6), E("...x,xy->...y", 4, bias_axes="y", activation="gelu")),
        "dots_left_two": chain((3, 5, 6), E("...bc,cde->...bde", (5, 2, 4), bias_axes="e")),
        "dots_right": chain((5, 3, 2), E("ab...,bc->ac...", (4,), bias_axes="c")),
        "dots_for_nothing": chain((6,), E("...bc,cd->...bd", (3,), bias_axes="d")),
        "regularized": chain((5, 6), E("abc,cd->abd", (None, 4), bias_axes="d", kernel_initializer="he_uniform",
                                       bias_initializer="ones", kernel_regularizer=reg.L1(0.01),
                                       bias_regularizer="l2", activity_regularizer=reg.L2(0.02),
                                       kernel_constraint=con.MaxNorm(0.9), bias_constraint="non_neg")),
        "twice": chain((5, 6), E("abc,cde->abde", (None, 2, 3)), layers.Activation("relu"),
                       E("abde,def->abf", (None, 4), bias_axes="f")),
    }
    for i, (name, model) in enumerate(models.items()):
        keras.utils.set_random_seed(i)
        model.compile(keras.optimizers.Adam(0.02) if i % 2 else keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
        x = normal((12, *model.inputs[0].shape[1:]), i)
        yield name, model, {"x": x, "y": normal(model(x).shape, i + 50)}
