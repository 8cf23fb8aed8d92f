"""Times another framework on a workload that keratin_bench saved as a Keras file.

    THREADS=1 python3 peers.py FRAMEWORK MODEL.keras BATCH STEPS [SECONDS]

FRAMEWORK, training: keras-jax, keras-tf, keras-torch (fit, as their users run them), jax-step (the bare compiled
step without a loop around it: the fastest way that JAX can be driven), torch (the usual eager loop over torch's own
layers, put together as the file says), torch-compile.
FRAMEWORK, inference: infer-keras-jax, infer-jax (the bare compiled call), infer-onnxruntime (through an ONNX file
made from the model). to-onnx only makes that file.
Prints one JSON line, with the keys of keratin_bench.
"""

import json
import os
import resource
import statistics
import sys
import time

START = time.perf_counter()
FRAMEWORK, PATH, BATCH, STEPS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
SECONDS = float(sys.argv[5]) if len(sys.argv) > 5 else 6.0
THREADS = int(os.environ.get("THREADS", "1"))
os.environ.update(OMP_NUM_THREADS=str(THREADS), MKL_NUM_THREADS=str(THREADS), TF_CPP_MIN_LOG_LEVEL="3",
                  CUDA_VISIBLE_DEVICES="")
if THREADS == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
BACKENDS = {"keras-tf": "tensorflow", "infer-onnxruntime": "tensorflow", "to-onnx": "tensorflow",
            "keras-torch": "torch", "torch": "torch", "torch-compile": "torch"}
os.environ["KERAS_BACKEND"] = BACKENDS.get(FRAMEWORK, "jax")

import keras  # noqa: E402
import numpy as np  # noqa: E402

RANDOM = np.random.default_rng(0)


def load():
    if FRAMEWORK == "keras-tf":
        import tensorflow as tf
        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    if "torch" in FRAMEWORK:
        import torch
        torch.set_num_threads(THREADS)
    return keras.models.load_model(PATH)


MODEL = load()
CLASSES = MODEL.output_shape[-1]


def data(rows):
    x = RANDOM.standard_normal((rows, *MODEL.input_shape[1:]), dtype="float32")
    return x, RANDOM.integers(0, max(CLASSES, 2), (rows, 1)).astype("float32" if CLASSES == 1 else "int32")


def fit_block():
    x, y = data(BATCH * STEPS)
    return lambda: MODEL.fit(x, y, batch_size=BATCH, epochs=1, verbose=0).history["loss"][-1]


def jax_block():
    import jax
    x, y = data(BATCH * STEPS)
    optimizer = MODEL.optimizer
    optimizer.build(MODEL.trainable_variables)

    def loss_of(trainable, fixed, inputs, targets):
        outputs, fixed = MODEL.stateless_call(trainable, fixed, inputs, training=True)
        return MODEL._compile_loss(targets, outputs), fixed

    @jax.jit
    def step(trainable, fixed, slots, inputs, targets):
        (loss, fixed), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, fixed, inputs, targets)
        trainable, slots = optimizer.stateless_apply(slots, gradients, trainable)
        return loss, trainable, fixed, slots

    MODEL._compile_loss.build(y[:BATCH], MODEL(x[:BATCH]))
    state = [[v.value for v in group]
             for group in (MODEL.trainable_variables, MODEL.non_trainable_variables, optimizer.variables)]

    def block():
        nonlocal state
        for begin in range(0, BATCH * STEPS, BATCH):
            loss, *state = step(*state, x[begin:begin + BATCH], y[begin:begin + BATCH])
        return float(loss)
    return block


def torch_layer(layer):
    """torch's own for one of Keras' layers, images with channels first; None: not a module."""
    from torch import nn
    kind, config = type(layer).__name__, layer.get_config()
    width = (layer.input[0] if isinstance(layer.input, list) else layer.input).shape[-1]
    activations = {"relu": nn.ReLU(), "gelu": nn.GELU(), "sigmoid": nn.Identity(), "linear": nn.Identity()}
    activation = activations[config["activation"]] if kind in ("Dense", "Conv2D") else None
    if kind == "Dense":
        return nn.Sequential(nn.Linear(width, layer.units), activation)
    if kind == "Conv2D":
        padding = layer.kernel_size[0] // 2 if layer.padding == "same" else 0
        return nn.Sequential(nn.Conv2d(width, layer.filters, layer.kernel_size, layer.strides, padding,
                                       bias=layer.use_bias), activation)
    if kind in ("LSTM", "GRU"):
        return getattr(nn, kind)(width, layer.units, batch_first=True)
    if kind == "MultiHeadAttention":
        return nn.MultiheadAttention(width, layer.num_heads, batch_first=True)
    simple = {"MaxPooling2D": lambda: nn.MaxPool2d(layer.pool_size), "Flatten": nn.Flatten, "ReLU": nn.ReLU,
              "BatchNormalization": lambda: nn.BatchNorm2d(width),
              "LayerNormalization": lambda: nn.LayerNorm(width, layer.epsilon)}
    return simple[kind]() if kind in simple else None


def torch_model():
    """The file's graph in torch."""
    from torch import nn

    class Graph(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleDict({layer.name: part for layer in MODEL.layers[1:]
                                        if (part := torch_layer(layer)) is not None})

        def forward(self, x):
            values = {MODEL.layers[0].name: x}
            for layer in MODEL.layers[1:]:
                tensors = layer.input if isinstance(layer.input, list) else [layer.input]
                inputs = [values[t._keras_history.operation.name] for t in tensors]
                values[layer.name] = self.call(layer, inputs)
            return values[MODEL.layers[-1].name]

        def call(self, layer, inputs):
            kind = type(layer).__name__
            if kind == "Add":
                return inputs[0] + inputs[1]
            if kind == "GlobalAveragePooling2D":
                return inputs[0].mean((2, 3))
            if kind == "GlobalAveragePooling1D":
                return inputs[0].mean(1)
            if layer.name not in self.parts:
                raise SystemExit(f"torch: no layer for {kind}")
            part = self.parts[layer.name]
            if kind in ("LSTM", "GRU"):
                return part(inputs[0])[0][:, -1]
            if kind == "MultiHeadAttention":
                return part(inputs[0], inputs[0], inputs[0], need_weights=False)[0]
            return part(inputs[0])
    return Graph()


def torch_optimizer(parameters):
    import torch
    if type(MODEL.optimizer).__name__ == "SGD":
        return torch.optim.SGD(parameters, 0.01, momentum=MODEL.optimizer.momentum)
    return torch.optim.Adam(parameters, 1e-3)


def torch_block():
    import torch
    from torch import nn
    x, y = data(BATCH * STEPS)
    model = torch_model()
    x = torch.from_numpy(x)
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    y = torch.from_numpy(y) if CLASSES == 1 else torch.from_numpy(y[:, 0]).long()
    loss_of = nn.BCEWithLogitsLoss() if CLASSES == 1 else nn.CrossEntropyLoss()
    optimizer = torch_optimizer(model.parameters())
    run = torch.compile(model) if FRAMEWORK == "torch-compile" else model

    def block():
        for begin in range(0, BATCH * STEPS, BATCH):
            optimizer.zero_grad()
            loss = loss_of(run(x[begin:begin + BATCH]), y[begin:begin + BATCH])
            loss.backward()
            optimizer.step()
        return loss.item()
    return block


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def train():
    make = {"jax-step": jax_block, "torch": torch_block, "torch-compile": torch_block}.get(FRAMEWORK, fit_block)
    block, times = make(), []
    start = time.perf_counter()
    block()
    first = time.perf_counter() - start
    block()
    begin = time.perf_counter()
    while time.perf_counter() - begin < SECONDS or len(times) < 3:
        t = time.perf_counter()
        loss = block()
        times.append((time.perf_counter() - t) / STEPS * 1e6)
    return {"us_step_min": round(min(times), 1), "us_step_median": round(statistics.median(times), 1),
            "first_block_s": round(first, 2), "loss": round(loss, 4)}


def to_onnx():
    """Writes the model beside its file, where it is not yet."""
    path = PATH.removesuffix(".keras") + ".onnx"
    if not os.path.exists(path):
        import tensorflow as tf
        for layer in MODEL.layers:  # ONNX has erf, but not the erfc that TensorFlow's gelu calls
            if getattr(layer, "activation", None) is keras.activations.gelu:
                layer.activation = lambda x: 0.5 * x * (1 + tf.math.erf(x * 0.5 ** 0.5))
        MODEL(data(1)[0])  # export asks that it was called
        MODEL.export(path, format="onnx", verbose=False)
    return path


def inference():
    if FRAMEWORK == "infer-onnxruntime":
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(to_onnx(), options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        call = lambda x: session.run(None, {name: x})[0]  # noqa: E731
    elif FRAMEWORK == "infer-jax":
        import jax
        state = [v.value for v in MODEL.trainable_variables], [v.value for v in MODEL.non_trainable_variables]
        compiled = jax.jit(lambda x: MODEL.stateless_call(*state, x, training=False)[0])
        call = lambda x: np.asarray(compiled(x))  # noqa: E731
    else:
        call = MODEL.predict_on_batch
    call(data(1)[0])
    line = {"first_answer_s": round(time.perf_counter() - START, 3)}
    for batch in (1, 256):
        x = data(batch)[0]
        for _ in range(3):
            call(x)
        best, begin = 1e9, time.perf_counter()
        while time.perf_counter() - begin < SECONDS:
            t = time.perf_counter()
            call(x)
            best = min(best, time.perf_counter() - t)
        line[f"us_batch{batch}"] = round(best * 1e6, 1)
    return line


if FRAMEWORK == "to-onnx":
    print(json.dumps({"path": to_onnx()}))
    sys.exit()
print(json.dumps({"framework": FRAMEWORK, "workload": os.path.basename(PATH).removesuffix(".keras"),
                  "threads": THREADS, **(inference() if FRAMEWORK.startswith("infer-") else train()),
                  "peak_mib": peak()}))
