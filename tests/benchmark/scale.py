"""Time and memory against batch, width, depth, image, length of sequence and rows of data: a table, and a plot.

    PYTHONPATH=bindings/python KERATIN_LIBRARY=BUILD/libkeratin.so python3 scale.py [--threads 1] [--series NAME,...]
                                                                                 [--plot FILE.svg]

Each point is a process of its own, so that its peak of memory is its own; "over" is what it holds at most above what
it held with its data alone, pages of files left out. "grows" is the exponent between the last two points, of time and of memory over; "at most" is what the
arithmetic asks. The plot needs matplotlib.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def mlp(keras, columns=784, width=512, depth=2):
    return (columns,), [keras.layers.Dense(width, activation="relu") for _ in range(depth)] + [keras.layers.Dense(10)]


def images(keras, size):
    conv = [keras.layers.Conv2D(filters, 3, padding="same", activation="relu") for filters in (16, 32)]
    return (size, size, 3), [*conv, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)]


def sequence(keras, length):
    return (length, 32), [keras.layers.LSTM(64), keras.layers.Dense(10)]


def attention(keras, length):
    x = keras.Input((length, 64))
    y = keras.layers.MultiHeadAttention(4, 16)(x, x)
    return x, keras.layers.Dense(10)(keras.layers.GlobalAveragePooling1D()(y))


# name: points, batch of a point, model of a point, largest exponents of time and memory
SERIES = {
    "batch": ([16, 64, 256, 1024, 4096], lambda n: n, lambda keras, n: mlp(keras), (1, 1)),
    "width": ([128, 256, 512, 1024, 2048], lambda n: 128, lambda keras, n: mlp(keras, width=n), (2, 2)),
    "depth": ([4, 16, 64, 256], lambda n: 64, lambda keras, n: mlp(keras, width=128, depth=n), (1, 1)),
    "image": ([16, 32, 64, 128], lambda n: 16, images, (2, 2)),
    "lstm length": ([32, 128, 512, 2048], lambda n: 16, sequence, (1, 1)),
    "attention length": ([64, 128, 256, 512, 1024], lambda n: 4, attention, (2, 1)),
    "rows": ([1_000, 10_000, 100_000, 1_000_000], lambda n: 100, lambda keras, n: mlp(keras, columns=32, width=32), (1, 0)),
}
STEPS = 8


def held(key):
    with open("/proc/self/status") as text:
        return next(int(line.split()[1]) / 1024 for line in text if line.startswith(key))


def measure(name, point, threads, folder):
    """In a process of its own: seconds of a step (of an epoch for rows of data) and MiB at most."""
    import keratin as keras
    import numpy as np
    _, batch_of, make, _ = SERIES[name]
    keras.utils.set_num_threads(threads)
    shape, layers = make(keras, point)
    if isinstance(shape, tuple):
        model = keras.Sequential([keras.Input(shape), *layers])
    else:
        model = keras.Model(shape, layers)
        shape = tuple(shape.shape[1:])
    batch = batch_of(point)
    rows = point if name == "rows" else batch * STEPS
    path = os.path.join(folder, "x.npy")
    if name == "rows":  # data on disk, larger than what is held
        x = np.lib.format.open_memmap(path, "w+", "float32", (rows, *shape))
        for begin in range(0, rows, 10_000):
            x[begin:begin + 10_000] = 0.5
        del x
        x = keras.utils.open_npy(path)
    else:
        x = np.random.default_rng(0).standard_normal((rows, *shape), dtype="float32")
    y = np.zeros((rows, 1), "int32")
    base = held("RssAnon")
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    best = math.inf
    for _ in range(2 if name == "rows" else 4):
        begin = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        best = min(best, time.perf_counter() - begin)
    return {"seconds": best / (1 if name == "rows" else STEPS), "mib": held("VmHWM") - held("RssFile") - base}


def in_process(name, point, threads):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--measure", json.dumps([name, point, threads, folder])]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{name} {point}: {done.stderr.strip().splitlines()[-1]}")
        return json.loads(done.stdout.splitlines()[-1])


def exponent(points, values):
    if min(values[-2:]) <= 0:
        return 0.0
    return math.log(values[-1] / values[-2]) / math.log(points[-1] / points[-2])


def plot(results, path):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(2, len(results), figsize=(2.6 * len(results), 5), squeeze=False)
    for column, (name, (points, seconds, mib)) in enumerate(results.items()):
        for row, (values, label) in enumerate(((seconds, "s"), (mib, "MiB"))):
            axis = axes[row][column]
            axis.loglog(points, [max(v, 1e-6) for v in values], "o-")
            axis.set_title(f"{name}, {label}", fontsize=9)
            axis.tick_params(labelsize=7)
            axis.grid(True, which="major", linewidth=0.3)
    figure.tight_layout()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--series", default=",".join(SERIES))
    parser.add_argument("--plot", type=pathlib.Path)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return print(json.dumps(measure(*json.loads(options.measure))))
    print("| against | points | time | grows | at most | memory over, MiB | grows | at most |\n" + "|---" * 8 + "|")
    results = {}
    for name in options.series.split(","):
        points, _, _, (time_limit, memory_limit) = SERIES[name]
        found = [in_process(name, point, options.threads) for point in points]
        seconds, mib = [f["seconds"] for f in found], [f["mib"] for f in found]
        results[name] = points, seconds, mib
        times = ", ".join(f"{s * 1e6:,.0f} us" if s < 0.1 else f"{s:.2f} s" for s in seconds)
        print(f"| {name} | {', '.join(f'{p:,}' for p in points)} | {times} | {exponent(points, seconds):.2f} | {time_limit} | "
              f"{', '.join(f'{m:,.0f}' for m in mib)} | {exponent(points, mib):.2f} | {memory_limit} |", flush=True)
    if options.plot:
        plot(results, options.plot)


if __name__ == "__main__":
    main()
