"""Writes tests/data/inventory.json: what Keras offers by name, for tests/nn/inventory_test.cpp. Run with
Keras 3.15.1:

    KERAS_BACKEND=jax python tests/nn/make_inventory.py tests/data/inventory.json
"""

import inspect
import json
import sys

import keras

MODULES = dict(layers=keras.layers, activations=keras.activations, initializers=keras.initializers,
               regularizers=keras.regularizers, constraints=keras.constraints, losses=keras.losses,
               metrics=keras.metrics, optimizers=keras.optimizers,
               schedules=keras.optimizers.schedules, callbacks=keras.callbacks)


def ops_of(module):
    return sorted(name for name, value in vars(module).items() if inspect.isfunction(value))


def names_of(kind, module):
    if kind == "activations":
        return sorted(name for name, value in vars(module).items()
                      if inspect.isfunction(value) and name not in ("get", "serialize", "deserialize"))
    classes = {name: value for name, value in vars(module).items() if inspect.isclass(value)}
    # Of several names of one class, its own.
    return sorted({value.__name__ if value.__name__ in classes else name
                   for name, value in classes.items()})


with open(sys.argv[1], "w") as file:
    lines = [f'"{kind}": {json.dumps(names_of(kind, module))}' for kind, module in MODULES.items()]
    lines.append(f'"ops": {json.dumps(ops_of(keras.ops) + [f"image.{name}" for name in ops_of(keras.ops.image)])}')
    file.write("{\n" + ",\n".join(lines) + "\n}\n")
