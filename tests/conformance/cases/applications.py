"""The smallest of keras.applications; ../applications.py plays all of them."""

import keras


def cases():
    keras.backend.clear_session()
    yield "mobilenet", keras.applications.MobileNet(
        weights=None, input_shape=(32, 32, 3), alpha=0.25, classes=5), {"rows": 3}
