"""summary() beside the real Keras': the same text."""

import os
import unittest

os.environ["KERAS_BACKEND"] = "jax"
os.environ["COLUMNS"] = "200"  # Keras' tables end where the terminal does

import keras as real  # noqa: E402
from support import keras, np  # noqa: E402

WIDTHS = (80, 60, 100, 120)


def chain(k):
    return k.Sequential([k.Input((8,)), k.layers.Dense(1000, activation="relu"), k.layers.BatchNormalization(),
                         k.layers.Dropout(0.5), k.layers.Dense(1)], name="chain")


def trained(k):
    model = chain(k)
    model.compile("adam", "mse")
    model.fit(np.zeros((4, 8), "float32"), np.zeros((4, 1), "float32"), verbose=0)
    return model


def texts(k):
    return k.Sequential([k.Input((None,), dtype="int32"), k.layers.Embedding(20000, 128),
                         k.layers.Bidirectional(k.layers.LSTM(64)), k.layers.Dense(1)], name="texts")


def images(k):
    x = k.Input((8, 8, 3), name="image")
    y = k.layers.GlobalAveragePooling2D()(k.layers.Conv2D(16, 3)(x))
    return k.Model(x, k.layers.Dense(4)(y), name="images")


def two_inputs(k):
    a, b = k.Input((8,), name="a"), k.Input((8,), name="b")
    shared = k.layers.Dense(6, name="shared")
    joined = k.layers.Concatenate()([shared(a), shared(b)])
    return k.Model([a, b], [k.layers.Dense(1, name="p")(joined), k.layers.Dense(3, name="q")(joined)], name="two")


def nested(k):
    x = k.Input((8,), name="x")
    return k.Model(x, k.layers.Dense(2)(chain(k)(x)), name="outer")


def nested_with_long_names(k):
    x = k.Input((8,), name="x")
    p, q = two_inputs(k)([x, x])
    long = k.layers.Dense(1, name="a_name_that_is_longer_than_its_column_of_the_table")
    return k.Model(x, k.layers.Add()([p, long(q)]), name="outer")


def frozen(k):
    model = trained(k)
    model.layers[0].trainable = False
    return model


def frozen_inside(k):
    model = nested(k)
    model.layers[1].trainable = False
    return model


def operations(k):
    x = k.Input((8,), name="x")
    return k.Model(x, x + k.ops.exp(k.layers.Dense(8)(x)) * 2.0, name="operations")


def attention(k):
    x = k.Input((8, 16), name="x")
    return k.Model(x, k.layers.LSTM(4)(k.layers.MultiHeadAttention(2, 8)(x, x)), name="attention")


def other_letters(k):
    return k.Sequential([k.Input((8,)), k.layers.Dense(3, name="größe"), k.layers.Dense(3, name="ü" * 60)],
                        name="höhe")


def not_built(k):
    return k.Sequential([k.layers.Dense(3)], name="not_built")


def empty(k):
    return k.Sequential(name="empty")


def summaries(make, k):
    k.utils.clear_session()
    model, found = make(k), []
    for width in WIDTHS:
        lines = []
        model.summary(line_length=width, print_fn=lambda line, line_break=None: lines.append(line))
        found.append("\n".join(lines).rstrip("\n"))
    return found


class Summary(unittest.TestCase):
    def test_as_keras(self):
        for make in (chain, trained, texts, images, two_inputs, nested, nested_with_long_names, frozen, frozen_inside,
                     operations, attention, other_letters, not_built, empty):
            for width, theirs, ours in zip(WIDTHS, summaries(make, real), summaries(make, keras)):
                with self.subTest(make.__name__, width=width):
                    self.assertIn("Total params", theirs)
                    self.assertEqual(ours, theirs)


if __name__ == "__main__":
    unittest.main()
