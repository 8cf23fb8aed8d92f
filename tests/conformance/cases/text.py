"""Text and tokens to numbers, and back. These alone are made with KERAS_BACKEND=tensorflow."""

import keras
import numpy as np
from keras import layers

LINES = ["the cat sat", "The dog, the DOG ran off!", "", "a  bird\tsat on the mat", "cat cat dog"]
WORDS = ["the", "cat", "dog", "sat", "on"]


def lines(count=12):
    return np.array([[LINES[i % len(LINES)]] for i in range(count)])


def text():
    return keras.Input((1,), dtype="string")


def classified():
    x = text()
    h = layers.Embedding(9, 4, mask_zero=True)(layers.TextVectorization(vocabulary=WORDS)(x))
    return keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(layers.GRU(4, return_sequences=True)(h))))


def inside():
    indices = keras.Sequential([text(), layers.TextVectorization(vocabulary=WORDS, split="character")])
    x = text()
    return keras.Model(x, layers.GlobalMaxPooling1D()(layers.Embedding(9, 3)(indices(x))))


def beside():
    x, number = text(), keras.Input((3,))
    h = layers.Embedding(9, 3)(layers.TextVectorization(vocabulary=WORDS, ngrams=2)(x))
    return keras.Model([x, number], layers.Dense(2)(layers.GlobalAveragePooling1D()(h) + number))


def cases():
    vectorize = layers.TextVectorization
    yield "any_length", keras.Sequential([text(), vectorize(vocabulary=WORDS)]), {"x": lines()}
    yield "any_length_words", keras.Sequential([keras.Input((3,), dtype="string"), vectorize(
        vocabulary=WORDS, split=None, ngrams=(1, 2))]), {"x": np.array([["cat", "the Cat", "dog"]] * 2)}
    for make in (classified, inside):
        keras.utils.set_random_seed(3)
        yield f"any_length_{make.__name__}", make(), {"x": lines()}
    keras.utils.set_random_seed(3)
    yield "any_length_beside", beside(), {"x": [lines(), np.random.default_rng(1).normal(size=(12, 3)).astype("float32")]}
