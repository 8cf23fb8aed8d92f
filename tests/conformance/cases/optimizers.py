"""Optimizers with their options, and schedules."""

import keras
from keras import layers, optimizers
from keras.optimizers import schedules

from .case import normal

OPTIMIZERS = [
    ("SGD", dict(learning_rate=0.05)), ("SGD", dict(learning_rate=0.05, momentum=0.9)),
    ("SGD", dict(learning_rate=0.05, momentum=0.8, nesterov=True, weight_decay=0.01)),
    ("Adam", dict(learning_rate=0.01)), ("Adam", dict(learning_rate=0.01, amsgrad=True, clipvalue=0.1)),
    ("Adam", dict(learning_rate=0.01, beta_1=0.8, beta_2=0.9, epsilon=1e-3, global_clipnorm=0.5)),
    ("Adam", dict(learning_rate=0.01, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3)),
    ("Adam", dict(learning_rate=0.01, gradient_accumulation_steps=2)),
    ("AdamW", dict(learning_rate=0.01, weight_decay=0.1)), ("AdamW", dict(learning_rate=0.01, clipnorm=0.2)),
    ("RMSprop", dict(learning_rate=0.01)), ("RMSprop", dict(learning_rate=0.01, centered=True, momentum=0.5, rho=0.8)),
]
SCHEDULES = [
    schedules.ExponentialDecay(0.1, 3, 0.5), schedules.ExponentialDecay(0.1, 4, 0.5, staircase=True),
    schedules.CosineDecay(0.1, 10, alpha=0.1), schedules.CosineDecay(0.0, 8, warmup_target=0.2, warmup_steps=3),
]


def model_with(optimizer):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5, activation="relu"), layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


def cases():
    for i, (name, arguments) in enumerate(OPTIMIZERS):
        yield f"{name}_{i}", model_with(getattr(optimizers, name)(**arguments)), {"y": normal((12, 1), i),
                                                                                  "fit": {"epochs": 3}}
    for i, schedule in enumerate(SCHEDULES):
        name = f"{type(schedule).__name__}_{i}"
        yield name, model_with(optimizers.SGD(schedule, momentum=0.5)), {"y": normal((12, 1), i), "fit": {"epochs": 4}}
