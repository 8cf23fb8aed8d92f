"""Writes tests/data/nn_optimizers.json: the optimizers that make_steps.py has not, step by step.
Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_optimizers.py tests/data/nn_optimizers.json
"""

import json
import sys

import keras
import numpy as np

from make_steps import O, S, array, form, lines, rng

SHAPES = [(3, 2), (2,), (2, 2, 3), (4, 2), (2, 3)]
PATHS = ["layer_0/w0", "layer_1/w1", "layer_2/w2", "embedding/w3", "head/w4"]
WEIGHTS = [rng.normal(size=s).astype("float32") for s in SHAPES]
STEPS = 6
GRADIENTS = [[(rng.normal(size=w.shape) * 0.7).astype("float32") for w in WEIGHTS]
             for _ in range(STEPS)]
ALL = [dict(weight_decay=0.05, clipnorm=0.5), dict(clipvalue=0.2, use_ema=True, ema_momentum=0.8),
       dict(global_clipnorm=0.5, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=3),
       dict(loss_scale_factor=8.0, gradient_accumulation_steps=3)]
schedule = lambda: S.ExponentialDecay(0.05, 2, 0.7)
OWN = {
    "Adadelta": [dict(learning_rate=0.5), dict(learning_rate=0.1, rho=0.8, epsilon=1e-4)],
    "Adafactor": [dict(), dict(learning_rate=0.02, beta_2_decay=-0.5, clip_threshold=0.4),
                  dict(learning_rate=0.5, relative_step=False, epsilon_1=1e-3, epsilon_2=0.1)],
    "Adagrad": [dict(), dict(learning_rate=0.05, initial_accumulator_value=0.5, epsilon=1e-3)],
    "Adamax": [dict(), dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-4)],
    "Ftrl": [dict(learning_rate=0.1), dict(learning_rate=0.1, l1_regularization_strength=0.3,
                                           l2_regularization_strength=0.2, beta=0.1),
             dict(learning_rate=0.05, learning_rate_power=-0.7, initial_accumulator_value=0.4,
                  l2_shrinkage_regularization_strength=0.1)],
    "Lamb": [dict(), dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-4)],
    "Lion": [dict(), dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9)],
    "Muon": [dict(), dict(learning_rate=0.02, nesterov=False, ns_steps=3, rms_rate=None,
                          adam_lr_ratio=0.5),
             dict(exclude_layers=["hea.$", "nothing"], exclude_embeddings=False,
                  weight_decay=None, momentum=0.8),
             dict(adam_weight_decay=0.1, adam_beta_1=0.8, adam_beta_2=0.9, muon_a=2.0, muon_b=-1.5,
                  muon_c=0.5, epsilon=1e-4)],
    "Nadam": [dict(), dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-4)],
    "ScheduleFreeAdamW": [dict(), dict(learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=1e-4,
                                       warmup_steps=4)],
}
OPTIMIZERS = []
for name, own in OWN.items():
    OPTIMIZERS += [(name, o) for o in own]
    OPTIMIZERS += [(name, dict(learning_rate=0.02, **a)) for a in ALL]
    OPTIMIZERS.append((name, dict(learning_rate=schedule())))
huge = [[g.copy() for g in step] for step in GRADIENTS]
huge[2][1][0] = np.inf
huge[4][4][1, 2] = -np.inf


class AtMost(keras.constraints.Constraint):
    """What the test applies, too."""

    def __call__(self, w):
        return keras.ops.minimum(w, 0.5)


def flat(values):
    return np.concatenate([np.asarray(v).ravel() for v in values])


def finite(values):
    """Infinities as numbers that become infinite in float32."""
    return dict(values, values=[v if np.isfinite(v) else (4e38 if v > 0 else -4e38)
                                for v in values["values"]])


def play(name, arguments, gradients, constrained=False):
    keras.utils.clear_session()
    plain = {k: form(v) for k, v in arguments().items()}
    keras.utils.clear_session()
    written = form(getattr(O, name)(**arguments()))
    keras.utils.clear_session()
    optimizer = getattr(O, name)(**arguments())
    variables = []
    for path, w in zip(PATHS, WEIGHTS):
        scope, own = path.split("/")
        with keras.src.backend.name_scope(scope):
            variables.append(keras.Variable(w, name=own))
    if constrained:
        variables[1].constraint = AtMost()
    optimizer.build(variables)
    after = []
    for step in gradients:
        if name == "LossScaleOptimizer":  # with JAX it works as a function alone
            values = optimizer.stateless_apply([v.value for v in optimizer.variables], step,
                                               [v.value for v in variables])
            for some, new in zip((variables, optimizer.variables), values):
                for v, value in zip(some, new):
                    v.assign(value)
        else:
            optimizer.apply(step)
        after.append(flat(variables))
    state = [dict(name=v.name, path=v.path, value=array(v)) for v in optimizer.variables]
    optimizer.finalize_variable_values(variables)
    case = dict(name=name, arguments=plain, form=written, constrained=constrained,
                after=array(after), state=state, final=array(flat(variables)))
    if gradients is not GRADIENTS:
        case["gradients"] = finite(array([flat(step) for step in gradients]))
    return case


def cases():
    for name, arguments in OPTIMIZERS:
        yield play(name, lambda: dict(arguments), GRADIENTS)
    for name in ["Adamax", "Lamb"]:
        yield play(name, lambda: dict(learning_rate=0.1), GRADIENTS, True)
    for more in [dict(), dict(initial_scale=4.0, dynamic_growth_steps=2)]:
        for gradients in [GRADIENTS, huge]:
            yield play("LossScaleOptimizer",
                       lambda: dict(inner_optimizer=O.Adam(0.02, clipnorm=0.5), **more), gradients)
    OptimizerMap = O.OptimizerMap
    for more in [dict(), dict(loss_scale_factor=4.0)]:
        yield play("MultiOptimizer", lambda: dict(optimizer_map=OptimizerMap(
            O.Adam(0.02), {"layer_0/w0": O.SGD(0.1, momentum=0.9), "layer_.*": O.RMSprop(0.01),
                           "none": O.Lion()}), **more), GRADIENTS)


if __name__ == "__main__":
    with open(sys.argv[1], "w") as out:
        out.write('{"weights": %s,\n"paths": %s,\n' % (lines(array(w) for w in WEIGHTS),
                                                      json.dumps(PATHS)))
        out.write('"gradients": %s,\n' % json.dumps(array([flat(g) for g in GRADIENTS])))
        out.write('"optimizers": %s}\n' % lines(cases()))
