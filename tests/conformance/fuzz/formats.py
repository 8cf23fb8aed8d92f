"""Models of other areas that were trained before they were saved: as `.keras`, as whole models of Keras 2's form, and
weights by themselves."""

from . import functional, layers, masks, optimizers, training
from .draw import flag, normal, pick


def case(r):
    model, case = pick(r, functional, layers, masks, training, optimizers, optimizers, optimizers).case(r)
    if flag(r, 0.7) and model.compiled and "y" in case:
        x = case.get("x")
        if x is None:
            x = case["x"] = [normal(r, (12, *t.shape[1:])) for t in model.inputs]
        x = x[0] if isinstance(x, list) and len(x) == 1 else x
        model.fit(x, case["y"], verbose=0, batch_size=5, shuffle=False)
    return model, case | {"file": pick(r, "model.keras", "model.h5", "model.h5", "model.weights.h5")}
