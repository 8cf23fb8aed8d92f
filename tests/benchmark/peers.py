"""Times another framework on a workload that keratin_bench saved as a Keras file.

    THREADS=1 python3 peers.py FRAMEWORK MODEL.keras BATCH STEPS [SECONDS]

FRAMEWORK, training: keras-jax, keras-tf, keras-torch (fit, as their users run them), jax-step (the bare compiled
step without a loop around it: the fastest way that JAX can be driven), torch (the usual eager loop; mlp_tiny,
mlp_mnist and cnn_mnist, whose layers are rebuilt from the file), torch-compile.
FRAMEWORK, inference: infer-keras-jax, infer-jax (the bare compiled call), infer-onnxruntime (through an ONNX file
made from the model: needs tensorflow, tf2onnx and onnx).
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
BACKENDS = {"keras-tf": "tensorflow", "infer-onnxruntime": "tensorflow", "keras-torch": "torch", "torch": "torch",
            "torch-compile": "torch"}
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


def torch_layers():
    """The file's chain of layers as torch's own, images with channels first."""
    from torch import nn
    activations = {"relu": nn.ReLU, "sigmoid": nn.Identity, "linear": nn.Identity}
    for layer in MODEL.layers:
        kind = type(layer).__name__
        shape = layer.input.shape if kind != "InputLayer" else ()
        if kind == "Dense":
            yield nn.Linear(shape[-1], layer.units)
        elif kind == "Conv2D":
            yield nn.Conv2d(shape[-1], layer.filters, layer.kernel_size)
        elif kind == "MaxPooling2D":
            yield nn.MaxPool2d(layer.pool_size)
        elif kind == "Flatten":
            yield nn.Flatten()
        elif kind != "InputLayer":
            raise SystemExit(f"torch: no layer for {kind}")
        if hasattr(layer, "activation"):
            yield activations[layer.activation.__name__]()


def torch_block():
    import torch
    from torch import nn
    x, y = data(BATCH * STEPS)
    model = nn.Sequential(*torch_layers())
    x = torch.from_numpy(x)
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    y = torch.from_numpy(y) if CLASSES == 1 else torch.from_numpy(y[:, 0]).long()
    loss_of = nn.BCEWithLogitsLoss() if CLASSES == 1 else nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
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


def without_erfc(path):
    """tf2onnx writes gelu's erfc as an op of TensorFlow's own name, which ONNX has not."""
    import onnx
    model = onnx.load(path)
    nodes = []
    for node in model.graph.node:
        if node.op_type != "Erfc":
            nodes.append(node)
            continue
        part = node.output[0] + "_erf"
        nodes += [onnx.helper.make_node("Erf", node.input, [part]),
                  onnx.helper.make_node("Sub", ["erfc_one", part], node.output)]
    if len(nodes) > len(model.graph.node):
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(1), "erfc_one"))
        onnx.save(model, path)


def inference():
    if FRAMEWORK == "infer-onnxruntime":
        import onnxruntime
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            MODEL(data(1)[0])
            MODEL.export(path, format="onnx", verbose=False)  # by tf2onnx
            without_erfc(path)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = THREADS
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
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


print(json.dumps({"framework": FRAMEWORK, "workload": os.path.basename(PATH).removesuffix(".keras"),
                  "threads": THREADS, **(inference() if FRAMEWORK.startswith("infer-") else train()),
                  "peak_mib": peak()}))
