"""Embedding and ReversibleEmbedding, both ways, with and without masks."""

import keras
import numpy as np
from keras import layers

from .case import normal

STEPS, WORDS = 6, 9


def words(dtype="int32", shape=(STEPS,)):
    return keras.Input(shape, dtype=dtype)


def chain(embedding, *inner, **arguments):
    return keras.Sequential([words(**arguments), embedding, *inner])


def language(masked=False, **arguments):
    """Words in, a score for each word out, by the same layer."""
    x = words()
    embedding = layers.ReversibleEmbedding(WORDS, 4, mask_zero=masked, **arguments)
    hidden = layers.Dense(4, activation="tanh")(embedding(x))
    return keras.Model(x, embedding(hidden, reverse=True))


def masked_and_averaged(embedding):
    x = words()
    return keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(embedding(x))))


def cases():
    reg, con = keras.regularizers, keras.constraints
    models = {
        "plain": chain(layers.Embedding(WORDS, 4)),
        "float_indices": chain(layers.Embedding(WORDS, 3), layers.Dense(2), dtype="float32"),
        "int64_scalars": chain(layers.Embedding(WORDS, 3), dtype="int64", shape=()),
        "matrix": chain(layers.Embedding(WORDS, 3), layers.Dense(2), shape=(2, 3)),
        "regularized": chain(layers.Embedding(WORDS, 4, embeddings_initializer="glorot_normal",
                                              embeddings_regularizer=reg.L1L2(0.01, 0.02),
                                              embeddings_constraint=con.MaxNorm(0.8, axis=1),
                                              activity_regularizer=reg.L2(0.03))),
        "weights": chain(layers.Embedding(WORDS, 3, weights=[normal((WORDS, 3), 1)]), layers.Dense(2)),
        "mask_zero": masked_and_averaged(layers.Embedding(WORDS, 4, mask_zero=True)),
        "reversible_mask_zero": masked_and_averaged(layers.ReversibleEmbedding(WORDS, 4, mask_zero=True)),
        "reversible": chain(layers.ReversibleEmbedding(WORDS, 3), layers.Dense(2)),
        "language_tied": language(logit_soft_cap=1.5, embeddings_regularizer="l2"),
        "language_untied": language(tie_weights=False, embeddings_initializer="he_normal"),
        "language_masked": language(masked=True, reverse_dtype="float32", embeddings_constraint="unit_norm"),
    }
    for i, (name, model) in enumerate(models.items()):
        keras.utils.set_random_seed(i)
        model.compile(keras.optimizers.Adam(0.02) if i % 2 else keras.optimizers.SGD(0.1, momentum=0.5), "mse",
                      metrics=["mae"])
        x = np.random.default_rng(i).integers(0, WORDS, (12, *model.inputs[0].shape[1:])).astype(model.inputs[0].dtype)
        yield name, model, {"x": x, "y": normal((12, *model.outputs[0].shape[1:]), i + 50)}
