"""Loads a model (.onnx by ONNX Runtime, .keras by Keras on JAX), gives one answer and prints its memory; timed from outside.

    python3 first_answer.py MODEL
"""

import json
import os
import resource
import sys

import numpy as np

if sys.argv[1].endswith(".onnx"):
    import onnxruntime
    session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    session.run(None, {entry.name: np.zeros([1, *entry.shape[1:]], "float32")})
else:
    os.environ["KERAS_BACKEND"] = "jax"
    import keras
    model = keras.models.load_model(sys.argv[1])
    model.predict(np.zeros([1, *model.input_shape[1:]], "float32"), verbose=0)
print(json.dumps({"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
