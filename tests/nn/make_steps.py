"""Writes tests/data/nn_steps.json: schedules, optimizers, losses and metrics, as Keras computes
them. Run with Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_steps.py tests/data/nn_steps.json

Gradients of losses are those of the sum of all results, each times the cosine of its index.
"""

import json
import sys

import jax
import jax.numpy as jnp
import keras
import numpy as np

rng = np.random.default_rng(11)
O, S = keras.optimizers, keras.optimizers.schedules


def array(value):
    value = np.asarray(value)
    kind = "int32" if value.dtype.kind in "iu" else "float32"
    values = [float(str(v)) if kind == "float32" else int(v) for v in value.astype(kind).ravel()]
    return dict(dtype=kind, shape=list(value.shape), values=values)


def form(thing):
    return keras.saving.serialize_keras_object(thing)


# Schedules -------------------------------------------------------------------------------------
SCHEDULES = [
    ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=3, decay_rate=0.8)),
    ("ExponentialDecay", dict(initial_learning_rate=0.1, decay_steps=4, decay_rate=0.5,
                              staircase=True, name="stairs")),
    ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=3, decay_rate=0.5)),
    ("InverseTimeDecay", dict(initial_learning_rate=0.1, decay_steps=4, decay_rate=0.5,
                              staircase=True)),
    ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=5)),
    ("PolynomialDecay", dict(initial_learning_rate=0.1, decay_steps=5, end_learning_rate=0.01,
                             power=0.5, cycle=True)),
    ("PiecewiseConstantDecay", dict(boundaries=[3, 6], values=[0.1, 0.05, 0.01])),
    ("PiecewiseConstantDecay", dict(boundaries=[4], values=[0.5, 0.25], name="two")),
    ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=7)),
    ("CosineDecay", dict(initial_learning_rate=0.1, decay_steps=7, alpha=0.1)),
    ("CosineDecay", dict(initial_learning_rate=0.01, decay_steps=7, alpha=0.1, warmup_target=0.2,
                         warmup_steps=4)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=3)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=3, t_mul=1.0,
                                 m_mul=0.9, alpha=0.1)),
    ("CosineDecayRestarts", dict(initial_learning_rate=0.1, first_decay_steps=4, t_mul=1.5,
                                 m_mul=0.8)),
]
SCHEDULE_STEPS = list(range(24)) + [100, 1000]


def schedules():
    for name, arguments in SCHEDULES:
        schedule = getattr(S, name)(**arguments)
        # The training step computes it in a compiled function.
        call = jax.jit(lambda step: schedule(step))
        yield dict(name=name, arguments=arguments, form=form(schedule),
                   values=array([np.asarray(call(jnp.int32(s))) for s in SCHEDULE_STEPS]))


# Optimizers ------------------------------------------------------------------------------------
WEIGHTS = [rng.normal(size=s).astype("float32") for s in [(3, 2), (2,), (2, 1)]]
STEPS = 7
GRADIENTS = [[(rng.normal(size=w.shape) * 0.7).astype("float32") for w in WEIGHTS]
             for _ in range(STEPS)]
BASE = [dict(weight_decay=0.05), dict(clipnorm=0.5), dict(clipvalue=0.2),
        dict(global_clipnorm=0.5), dict(use_ema=True, ema_momentum=0.8),
        dict(use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=3),
        dict(loss_scale_factor=8.0), dict(gradient_accumulation_steps=3),
        dict(gradient_accumulation_steps=2, clipnorm=0.5, weight_decay=0.1, use_ema=True,
             ema_overwrite_frequency=2)]
OPTIMIZERS = (
    [("SGD", dict()), ("SGD", dict(learning_rate=0.05, momentum=0.9)),
     ("SGD", dict(learning_rate=0.03, momentum=0.8, nesterov=True)),
     ("SGD", dict(learning_rate=S.ExponentialDecay(0.1, 2, 0.5))),
     ("SGD", dict(learning_rate=S.CosineDecay(0.1, 5, warmup_target=0.2, warmup_steps=2),
                  gradient_accumulation_steps=2)),
     ("Adam", dict()), ("Adam", dict(learning_rate=0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-4)),
     ("Adam", dict(learning_rate=0.02, amsgrad=True)),
     ("Adam", dict(learning_rate=S.PolynomialDecay(0.1, 5))),
     ("AdamW", dict()), ("AdamW", dict(learning_rate=0.01, weight_decay=0.2, amsgrad=True)),
     ("RMSprop", dict()), ("RMSprop", dict(learning_rate=0.01, rho=0.8, momentum=0.5)),
     ("RMSprop", dict(learning_rate=0.01, centered=True)),
     ("RMSprop", dict(learning_rate=0.01, momentum=0.3, centered=True, epsilon=1e-3))]
    + [("SGD", dict(learning_rate=0.05, momentum=0.9, **b)) for b in BASE]
    + [("Adam", dict(learning_rate=0.02, **b)) for b in BASE]
    + [("RMSprop", dict(learning_rate=0.02, **b)) for b in BASE[:1] + BASE[7:8]])


class AtMost(keras.constraints.Constraint):
    """What the test applies, too."""

    def __call__(self, w):
        return keras.ops.minimum(w, 0.5)


def optimizers():
    for constrained in [False, True]:
        for name, arguments in OPTIMIZERS[5:6] + OPTIMIZERS[-3:-2] if constrained else OPTIMIZERS:
            keras.utils.clear_session()
            optimizer = getattr(O, name)(**arguments)
            scope = keras.src.backend.name_scope
            variables = []
            for i, w in enumerate(WEIGHTS):
                with scope("layer_%d" % i):
                    variables.append(keras.Variable(w, name="w%d" % i))
            if constrained:
                variables[1].constraint = AtMost()
            optimizer.build(variables)
            after = []
            for gradients in GRADIENTS:
                optimizer.apply(gradients)
                after.append(np.concatenate([np.asarray(v).ravel() for v in variables]))
            state = [dict(name=v.name, path=v.path, value=array(v)) for v in optimizer.variables]
            optimizer.finalize_variable_values(variables)
            final = np.concatenate([np.asarray(v).ravel() for v in variables])
            plain = {k: form(v) for k, v in arguments.items()}
            yield dict(name=name, arguments=plain, form=form(optimizer), constrained=constrained,
                       after=array(after), state=state, final=array(final))


# Losses ----------------------------------------------------------------------------------------
def logits(*shape):
    return rng.normal(size=shape).astype("float32") * 2


def probabilities(*shape):
    return (1 / (1 + np.exp(-logits(*shape)))).astype("float32")


def classes(n, *shape):
    return rng.integers(0, n, size=shape).astype("int32")


def one_hot(n, *shape):
    return np.eye(n, dtype="float32")[classes(n, *shape)]


def weights(*shape):
    return np.round(rng.uniform(0, 2, size=shape), 2).astype("float32")


def binary(*shape):
    return classes(2, *shape)


SURE = np.array([[0, 1, 0.5], [1, 0, 1e-8]], "float32")  # where probabilities are clipped
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]
LOSSES = []
for loss in ["MeanSquaredError", "MeanAbsoluteError"]:
    LOSSES += [(loss, {}, logits(4, 3), logits(4, 3), None), (loss, {}, logits(4), logits(4, 1), None),
               (loss, {}, logits(4, 1), logits(4), weights(4)),
               (loss, {}, logits(2, 3, 2), logits(2, 3, 2), weights(2, 3)),
               (loss, {}, logits(2, 1, 2), logits(2, 1, 2), weights(2)),
               (loss, {}, classes(5, 4, 3), logits(4, 3), weights(4, 1))]
LOSSES += [("MeanSquaredError", dict(reduction=r, name="error"), logits(3, 2), logits(3, 2), w)
           for r in REDUCTIONS for w in [None, weights(3)]]
LOSSES += [("MeanSquaredError", dict(reduction="mean_with_sample_weight"), logits(3, 2),
            logits(3, 2), np.zeros(3, "float32"))]
B, C, P = "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"
LOSSES += [
    (B, {}, binary(4, 1), probabilities(4, 1), None), (B, {}, binary(4), probabilities(4, 1), None),
    (B, {}, binary(4, 1), probabilities(4), weights(4)),
    (B, {}, binary(2, 3), SURE, weights(2)),
    (B, dict(from_logits=True), binary(4, 3), logits(4, 3), None),
    (B, dict(from_logits=True, label_smoothing=0.2), binary(4, 3), logits(4, 3) * 20, weights(4)),
    (B, dict(label_smoothing=0.1), binary(4, 3), probabilities(4, 3), None),
    (B, dict(axis=1), binary(2, 3, 2), probabilities(2, 3, 2), weights(2, 2)),
    (C, {}, one_hot(3, 4), probabilities(4, 3), None), (C, {}, one_hot(3, 2), SURE, weights(2)),
    (C, dict(from_logits=True), one_hot(3, 4), logits(4, 3), None),
    (C, dict(from_logits=True, label_smoothing=0.2), one_hot(3, 4), logits(4, 3), weights(4)),
    (C, dict(label_smoothing=0.1, reduction="sum"), one_hot(3, 4), probabilities(4, 3), weights(4)),
    (C, dict(axis=1), one_hot(3, 2, 3), probabilities(2, 3, 3), None),
    (C, dict(axis=1, from_logits=True), one_hot(3, 2, 2), logits(2, 2, 3), weights(2, 3)),
    (C, {}, one_hot(3, 2, 4), probabilities(2, 4, 3), weights(2, 4)),
    (P, {}, classes(3, 4), probabilities(4, 3), None),
    (P, {}, classes(3, 4, 1), probabilities(4, 3), weights(4)), (P, {}, classes(3, 2), SURE, None),
    (P, {}, np.array([0, 3, -1, 2], "int32"), probabilities(4, 3), None),
    (P, dict(from_logits=True), classes(3, 4), logits(4, 3), weights(4)),
    (P, dict(from_logits=True, axis=-1, name="p"), classes(3, 2, 4), logits(2, 4, 3), None),
    (P, {}, classes(3, 2, 4, 1), probabilities(2, 4, 3), weights(2, 4)),
]
for r in REDUCTIONS:
    for w in [None, weights(2, 4)]:
        LOSSES.append((P, dict(ignore_class=1, reduction=r), classes(3, 2, 4),
                       probabilities(2, 4, 3), w))
LOSSES += [(P, dict(ignore_class=-1, from_logits=True), np.array([0, -1, 2], "int32"),
            logits(3, 3), None),
           (P, dict(ignore_class=1), np.array([1, 1], "int32"), probabilities(2, 3), None)]


def losses(cases=LOSSES):
    for name, arguments, y_true, y_pred, w in cases:
        loss = getattr(keras.losses, name)(**arguments)

        def total(p):
            y = loss(jnp.asarray(y_true), p, sample_weight=w)
            return jnp.sum(y.ravel() * jnp.cos(jnp.arange(y.size, dtype="float32")))

        p = jnp.asarray(y_pred)
        case = dict(name=name, arguments=arguments, form=form(loss), y_true=array(y_true),
                    y_pred=array(y_pred), loss=array(loss(jnp.asarray(y_true), p, sample_weight=w)),
                    gradient=array(jax.grad(total)(p)))
        if w is not None:
            case["weight"] = array(w)
        yield case


# Metrics ---------------------------------------------------------------------------------------
def batches(y_true, y_pred, w=None, count=2):
    """Makers of arrays, called once a batch."""
    return [(y_true(), y_pred(), w() if w else None) for _ in range(count)]


def spread(*shape):  # many predictions at thresholds and outside of 0 .. 1
    return rng.choice(np.array([-0.1, 0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 0.9, 1, 1.2], "float32"),
                      size=shape)


one, many = lambda: binary(9, 1), lambda: binary(9, 3)
M = keras.metrics
METRICS = []
for metric in ["MeanSquaredError", "MeanAbsoluteError", "Accuracy"]:
    values = (lambda *s: classes(3, *s).astype("float32")) if metric == "Accuracy" else logits
    METRICS += [(metric, {}, batches(lambda: values(5, 2), lambda: values(5, 2))),
                (metric, {}, batches(lambda: values(5), lambda: values(5, 1), lambda: weights(5))),
                (metric, dict(name="m"), batches(lambda: values(2, 3, 2), lambda: values(2, 3, 2),
                                                 lambda: weights(2, 3))),
                (metric, {}, batches(lambda: values(3, 2, 2), lambda: values(3, 2, 2),
                                     lambda: weights(3)))]
METRICS += [
    ("BinaryAccuracy", {}, batches(one, lambda: probabilities(9, 1))),
    ("BinaryAccuracy", {}, batches(lambda: binary(9), lambda: spread(9, 1), lambda: weights(9))),
    ("BinaryAccuracy", dict(threshold=0.7), batches(many, lambda: spread(9, 3), lambda: weights(9))),
    ("CategoricalAccuracy", {}, batches(lambda: one_hot(3, 9), lambda: probabilities(9, 3))),
    ("CategoricalAccuracy", {}, batches(lambda: one_hot(3, 4, 2), lambda: spread(4, 2, 3),
                                        lambda: weights(4))),
    ("CategoricalAccuracy", {}, batches(lambda: one_hot(3, 4, 2), lambda: spread(4, 2, 3),
                                        lambda: weights(4, 2))),
    ("SparseCategoricalAccuracy", {}, batches(lambda: classes(3, 9), lambda: probabilities(9, 3))),
    ("SparseCategoricalAccuracy", {}, batches(lambda: classes(3, 9, 1), lambda: probabilities(9, 3),
                                              lambda: weights(9))),
    ("SparseCategoricalAccuracy", {}, batches(lambda: classes(3, 4, 2, 1), lambda: spread(4, 2, 3),
                                              lambda: weights(4, 2))),
    ("SparseCategoricalAccuracy", {}, batches(lambda: classes(3, 4, 1), lambda: spread(4, 1, 3))),
    (B, {}, batches(one, lambda: probabilities(9, 1))),
    (B, dict(label_smoothing=0.1, from_logits=True),
     batches(many, lambda: logits(9, 3), lambda: weights(9))),
    (C, {}, batches(lambda: one_hot(3, 5), lambda: probabilities(5, 3), lambda: weights(5))),
    (C, dict(from_logits=True, label_smoothing=0.2, axis=-1),
     batches(lambda: one_hot(3, 2, 2), lambda: logits(2, 2, 3), lambda: weights(2))),
    (P, {}, batches(lambda: classes(3, 5), lambda: probabilities(5, 3))),
    (P, dict(ignore_class=1, from_logits=True),
     batches(lambda: classes(3, 5, 2), lambda: logits(5, 2, 3))),
    (P, dict(ignore_class=1, from_logits=True),
     batches(lambda: classes(3, 5, 2), lambda: logits(5, 2, 3), lambda: weights(5, 2))),
]
for metric in ["Precision", "Recall"]:
    METRICS += [
        (metric, {}, batches(one, lambda: probabilities(9, 1))),
        (metric, dict(name="p"), batches(lambda: binary(9), lambda: spread(9, 1),
                                         lambda: weights(9))),
        (metric, dict(thresholds=0.7), batches(many, lambda: spread(9, 3), lambda: weights(9))),
        (metric, dict(thresholds=[0.9, 0.1, 0.3]), batches(many, lambda: spread(9, 3))),
        (metric, dict(thresholds=[0.0, 0.5, 1.0]), batches(many, lambda: spread(9, 3),
                                                           lambda: weights(9, 1))),
        (metric, dict(top_k=2), batches(many, lambda: spread(9, 3))),
        (metric, dict(top_k=1, class_id=2), batches(many, lambda: spread(9, 3), lambda: weights(9))),
        (metric, dict(class_id=0, thresholds=[0.25]), batches(many, lambda: spread(9, 3))),
        (metric, dict(thresholds=0.5), batches(lambda: binary(2, 3, 2), lambda: spread(2, 3, 2),
                                               lambda: weights(2, 3))),
        (metric, {}, batches(lambda: np.zeros((3, 1), "int32"), lambda: np.zeros((3, 1), "float32"))),
    ]
few = dict(num_thresholds=6)
for curve in ["ROC", "PR", "PRGAIN"]:
    for summation in ["interpolation", "minoring", "majoring"]:
        METRICS.append(("AUC", dict(curve=curve, summation_method=summation, **few),
                        batches(one, lambda: probabilities(9, 1), lambda: weights(9))))
METRICS += [
    ("AUC", {}, batches(lambda: binary(40), lambda: probabilities(40, 1))),
    ("AUC", dict(curve="PR", name="area"), batches(lambda: binary(40, 1), lambda: probabilities(40, 1),
                                                   lambda: weights(40))),
    ("AUC", dict(num_thresholds=11), batches(many, lambda: spread(9, 3))),
    ("AUC", dict(thresholds=[0.7, 0.1, 0.25]), batches(many, lambda: spread(9, 3))),
    ("AUC", dict(thresholds=[0.25, 0.5, 0.75]), batches(many, lambda: spread(9, 3))),
    ("AUC", dict(from_logits=True, **few), batches(one, lambda: logits(9, 1))),
    ("AUC", dict(multi_label=True, **few), batches(many, lambda: probabilities(9, 3))),
    ("AUC", dict(multi_label=True, num_labels=3, label_weights=[1.0, 2.0, 0.5], **few),
     batches(many, lambda: probabilities(9, 3), lambda: weights(9))),
    ("AUC", dict(multi_label=True, thresholds=[0.1, 0.7], curve="pr"),
     batches(many, lambda: spread(9, 3), lambda: weights(9))),
    ("AUC", dict(label_weights=[1.0, 2.0, 0.5], thresholds=[0.1, 0.7], summation_method="minoring"),
     batches(many, lambda: spread(9, 3), lambda: weights(9))),
    ("AUC", dict(label_weights=[1.0, 2.0, 0.5], **few), batches(many, lambda: spread(9, 3))),
    ("AUC", few, batches(lambda: np.zeros((3, 1), "int32"), lambda: probabilities(3, 1))),
]


def metrics(cases=METRICS):
    for name, arguments, parts in cases:
        keras.utils.clear_session()
        metric = getattr(M, name)(**arguments)
        made = []
        for y_true, y_pred, w in parts:
            given = (y_true,) if y_pred is None else (y_true, y_pred)
            metric.update_state(*given, sample_weight=w)
            batch = dict(y_true=array(y_true), result=array(metric.result()))
            if y_pred is not None:
                batch["y_pred"] = array(y_pred)
            if w is not None:
                batch["weight"] = array(w)
            made.append(batch)
        plain = {k: form(v) for k, v in arguments.items()}
        yield dict(name=name, arguments=plain, form=form(metric), batches=made,
                   direction=getattr(metric, "_direction", None),
                   state=[dict(name=v.name, path=v.path, value=array(v)) for v in metric.variables])


def lines(cases):
    return "[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]"


def main(path):
    with open(path, "w") as out:
        out.write('{"schedule_steps": %s,\n"schedules": %s,\n' % (SCHEDULE_STEPS,
                                                                 lines(schedules())))
        out.write('"weights": %s,\n' % lines(array(w) for w in WEIGHTS))
        out.write('"gradients": %s,\n' % json.dumps(array(
            [np.concatenate([g.ravel() for g in step]) for step in GRADIENTS])))
        out.write('"optimizers": %s,\n"losses": %s,\n"metrics": %s}\n'
                  % (lines(optimizers()), lines(losses()), lines(metrics())))


if __name__ == "__main__":
    main(sys.argv[1])
