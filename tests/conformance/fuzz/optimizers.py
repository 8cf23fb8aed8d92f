"""An optimizer with drawn hyperparameters and a schedule, over some epochs."""

import keras
from keras import layers, optimizers
from keras.optimizers import schedules

from .draw import between, flag, normal, number, pick, some


def schedule(r):
    rate = number(r, 0.005, 0.1)
    return pick(
        r,
        lambda: schedules.ExponentialDecay(rate, between(r, 1, 4), number(r, 0.5, 0.9), staircase=flag(r)),
        lambda: schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.05, 0.01]),
        lambda: schedules.PolynomialDecay(
            rate, between(r, 2, 6), end_learning_rate=0.001, power=pick(r, 1.0, 2.0, 0.5), cycle=flag(r)
        ),
        lambda: schedules.InverseTimeDecay(rate, between(r, 1, 4), number(r, 0.2, 0.9), staircase=flag(r)),
        lambda: schedules.CosineDecay(
            rate, between(r, 3, 8), alpha=pick(r, 0.0, 0.2), **pick(r, {}, {"warmup_target": 0.1, "warmup_steps": 3})
        ),
        lambda: schedules.CosineDecayRestarts(
            rate, between(r, 2, 4), t_mul=pick(r, 1.0, 2.0), m_mul=pick(r, 1.0, 0.8), alpha=pick(r, 0.0, 0.1)
        ),
    )()


def common(r):
    options = pick(
        r,
        {},
        {"clipnorm": number(r, 0.1, 1)},
        {"clipvalue": number(r, 0.05, 0.5)},
        {"global_clipnorm": number(r, 0.1, 1)},
    )
    options |= pick(
        r,
        {},
        {"use_ema": True, "ema_momentum": number(r, 0.5, 0.95)},
        {"use_ema": True, "ema_overwrite_frequency": between(r, 1, 3)},
    )
    return options | some(
        r, 0.25, weight_decay=(0.01, 0.1), gradient_accumulation_steps=(2, 3), loss_scale_factor=(8.0,)
    )


def optimizer(r):
    rate = schedule(r) if flag(r, 0.35) else number(r, 0.005, 0.1)
    betas = some(r, 0.5, beta_1=(0.5, 0.8), beta_2=(0.9, 0.7))
    small = some(r, 0.3, epsilon=(1e-3, 1e-5))
    options = common(r)
    made = pick(
        r,
        lambda: optimizers.SGD(rate, momentum=pick(r, 0.0, 0.5, 0.9), nesterov=flag(r), **options),
        lambda: optimizers.Adam(rate, amsgrad=flag(r), **betas, **small, **options),
        lambda: optimizers.AdamW(rate, amsgrad=flag(r), **betas, **small, **{"weight_decay": 0.02} | options),
        lambda: optimizers.RMSprop(
            rate, rho=pick(r, 0.9, 0.5), momentum=pick(r, 0.0, 0.5), centered=flag(r), **small, **options
        ),
        lambda: optimizers.Adagrad(rate, initial_accumulator_value=pick(r, 0.1, 0.5), **small, **options),
        lambda: optimizers.Adadelta(rate, rho=pick(r, 0.95, 0.5), **small, **options),
        lambda: optimizers.Adamax(rate, **betas, **small, **options),
        lambda: optimizers.Nadam(rate, **betas, **small, **options),
        lambda: optimizers.Ftrl(
            rate,
            learning_rate_power=pick(r, -0.5, -0.8),
            initial_accumulator_value=pick(r, 0.1, 0.3),
            l1_regularization_strength=pick(r, 0.0, 0.01),
            l2_regularization_strength=pick(r, 0.0, 0.02),
            l2_shrinkage_regularization_strength=pick(r, 0.0, 0.01),
            beta=pick(r, 0.0, 0.3),
            **options
        ),
        lambda: optimizers.Lion(rate, **betas, **options),
        lambda: optimizers.Lamb(rate, **betas, **small, **options),
        lambda: optimizers.Adafactor(
            rate,
            beta_2_decay=pick(r, -0.8, -0.5),
            clip_threshold=pick(r, 1.0, 0.3),
            relative_step=flag(r),
            **some(r, 0.3, epsilon_2=(1e-2,)),
            **options
        ),
        lambda: optimizers.Muon(
            rate,
            adam_lr_ratio=pick(r, 0.1, 0.5),
            ns_steps=between(r, 3, 6),
            nesterov=flag(r),
            exclude_layers=pick(r, None, ["dense_1"]),
            exclude_embeddings=flag(r),
            momentum=pick(r, 0.95, 0.5),
            **options
        ),
    )()
    if flag(r, 0.15):
        options.pop("loss_scale_factor", None)
        made.loss_scale_factor = None
        return optimizers.LossScaleOptimizer(
            made, initial_scale=pick(r, 4.0, 1024.0), dynamic_growth_steps=pick(r, 2, 5)
        )
    return made


def case(r):
    x = keras.Input((4, 3))
    h = layers.Conv1D(3, 2, activation="relu", kernel_constraint=pick(r, None, "max_norm"))(x)
    h = layers.Dense(4, activation="tanh", kernel_regularizer=pick(r, None, "l2"))(layers.Flatten()(h))
    model = keras.Model(x, layers.Dense(2)(h))
    model.compile(optimizer(r), "mse")
    return model, {"y": normal(r, (12, 2)), "fit": {"epochs": between(r, 1, 4), "batch_size": pick(r, 3, 5, 12)}}
