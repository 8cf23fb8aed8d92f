"""Runs keratin_bench and other frameworks in turn and prints tables of times, ratios and the share of the FMA limit.

    python3 compare.py BUILD [--parts training,inference,start] [--workloads mlp_tiny,mlp_mnist] [--threads 1,2]
                       [--peers jax-step,torch] [--models FOLDER] [--rounds 3] [--seconds 4] [--python PYTHON]

BUILD is the build folder. PYTHON is one with keras, jax and what else the peers need. Each round runs ours, then each
peer; the least time of all rounds counts, and a ratio is the peer's by ours: above 1 ours is faster. With one thread, all
are bound to one processor. --models adds each saved model of a folder (compiled, one input, class indices as targets) as
a workload. "of limit" is the arithmetic of the products (arithmetic.py) in the time taken, by what fma_limit measures.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import tempfile
import time

from arithmetic import operations

HERE = pathlib.Path(__file__).parent
SHAPES = {"mlp_tiny": (10, 200), "mlp_mnist": (128, 40), "cnn_mnist": (64, 10), "resnet20": (64, 8), "lstm": (64, 8),
          "gru": (64, 8), "transformer": (16, 6)}  # batch, steps
OTHERS = (32, 20)
TRAINING = "jax-step,torch,torch-compile,keras-tf,keras-jax"
INFERENCE = "infer-onnxruntime,infer-jax"
VERSIONS = """
from importlib import metadata
for name in ("keras", "jax", "tensorflow-cpu", "torch", "onnxruntime"):
    try: print(name, metadata.version(name), end="; ")
    except metadata.PackageNotFoundError: pass
"""


class Runner:
    def __init__(self, options):
        self.options = options
        self.bench = options.build / "tests/benchmark/keratin_bench"
        self.fma = self.run([options.build / "tests/benchmark/fma_limit"], 1)["gflops"]

    def run(self, command, threads):
        pinned = ["taskset", "-c", str(max(os.sched_getaffinity(0)))] if threads == 1 else []
        env = dict(os.environ, THREADS=str(threads))
        done = subprocess.run([*pinned, *map(str, command)], capture_output=True, text=True, env=env)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or not lines:
            return {"error": (done.stderr.strip().splitlines() or ["?"])[-1][:200]}
        return json.loads(lines[-1])

    def in_turn(self, model, shape, threads, peers, mode):
        """{name: [a result for each round]}, ours first."""
        own = [self.bench, model, "--threads", threads, "--seconds", self.options.seconds, "--mode", mode]
        if mode == "train":
            own += ["--batch", shape[0]]
        results = {"keratin": []} | {peer: [] for peer in peers}
        for _ in range(self.options.rounds):
            results["keratin"].append(self.run(own, threads))
            for peer in peers:
                command = [self.options.python, HERE / "peers.py", peer, model, *shape, self.options.seconds]
                results[peer].append(self.run(command, threads))
        for name, runs in results.items():
            for error in {run["error"] for run in runs if "error" in run}:
                print(f"({model.stem}, {name}: {error})")
        return results


def least(results, key):
    values = [r[key] for r in results if key in r]
    return min(values) if values else None


def print_row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def print_head(*cells):
    print_row(*cells)
    print("|" + "---|" * len(cells))


def ratio(of_peer, ours):
    return "-" if of_peer is None or ours is None else f"{of_peer / ours:.2f}"


def training(runner, models, threads, peers):
    print(f"\nTraining, {threads} thread{'s' * (threads > 1)}: microseconds a step and how many times it others take\n")
    print_head("workload", "batch", "Keratin", "of limit", "MiB", *peers, "best peer", "its MiB")
    for model, shape in models:
        results = runner.in_turn(model, shape, threads, peers, "train")
        ours = least(results["keratin"], "us_step_min")
        others = {peer: least(results[peer], "us_step_min") for peer in peers}
        known = [peer for peer in peers if others[peer] is not None]
        best = min(known, key=others.get) if known else None
        share = "-" if ours is None else f"{operations(model)[1] * shape[0] / ours / 1e3 / runner.fma / threads:.0%}"
        print_row(model.stem, shape[0], "-" if ours is None else f"{ours:,.1f}", share,
                  least(results["keratin"], "peak_mib"), *(ratio(others[peer], ours) for peer in peers),
                  best and ratio(others[best], ours), best and least(results[best], "peak_mib"))


def inference(runner, models, threads, peers):
    print(f"\nInference, {threads} thread{'s' * (threads > 1)}: microseconds a call and how many times it others take\n")
    print_head("workload", *(cell for batch in (1, 256) for cell in (f"batch {batch}", *peers)), "of limit at 256")
    for model, shape in models:
        results = runner.in_turn(model, shape, threads, peers, "predict")
        cells = []
        for key in ("us_batch1", "us_batch256"):
            ours = least(results["keratin"], key)
            cells += ["-" if ours is None else f"{ours:,.1f}", *(ratio(least(results[p], key), ours) for p in peers)]
        share = "-" if ours is None else f"{operations(model)[0] * 256 / ours / 1e3 / runner.fma / threads:.0%}"
        print_row(model.stem, *cells, share)


def first_answer(runner, command, times):
    """(seconds, MiB) of a process from its start to its end; (None, None) if it fails."""
    best, line = 1e9, {}
    for _ in range(times):
        begin = time.perf_counter()
        line = runner.run(command, 2)
        best = min(best, time.perf_counter() - begin)
    return (None if "error" in line else round(best, 4)), line.get("peak_mib")


def start(runner, models):
    print("\nA saved model to its first answer, in a new process, from outside: seconds, and memory then\n")
    print_head("workload", "Keratin", "MiB", "ONNX Runtime", "MiB", "Keras (JAX)", "MiB")
    python, script = runner.options.python, HERE / "first_answer.py"
    for model, shape in models:
        runner.run([python, HERE / "peers.py", "to-onnx", model, *shape], 2)
        print_row(model.stem, *first_answer(runner, [runner.bench, model, "--mode", "first"], 20),
                  *first_answer(runner, [python, script, model.with_suffix(".onnx")], 5),
                  *first_answer(runner, [python, script, model], 2))
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "-o", stripped.name, runner.options.build / "libkeratin.so"], check=True)
        print(f"\nThe stripped library: {os.path.getsize(stripped.name):,} bytes")


def machine(runner):
    with open("/proc/cpuinfo") as text:
        name = next((line.split(":")[1].strip() for line in text if line.startswith("model name")), platform.machine())
    versions = subprocess.run([runner.options.python, "-c", VERSIONS], capture_output=True, text=True).stdout
    print(f"{name}, {len(os.sched_getaffinity(0))} processors, FMA limit {runner.fma} GFLOP/s a core (float32); "
          f"{versions.strip('; ')}; {runner.options.rounds} rounds of {runner.options.seconds:g} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--parts", default="training,inference,start")
    parser.add_argument("--workloads", default=",".join(SHAPES))
    parser.add_argument("--models", type=pathlib.Path)
    parser.add_argument("--peers", default=TRAINING, help="for training; inference has " + INFERENCE)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--python", default="python3")
    options = parser.parse_args()
    options.build = options.build.resolve()
    runner = Runner(options)
    machine(runner)
    with tempfile.TemporaryDirectory() as name:
        models = []
        for workload in filter(None, options.workloads.split(",")):
            path = pathlib.Path(name) / f"{workload}.keras"
            saved = runner.run([runner.bench, workload, "--seconds", 0, "--save", path], 1)
            if "error" in saved:
                raise SystemExit(f"{workload}: {saved['error']}")
            models.append((path, SHAPES[workload]))
        if options.models:
            models += [(path, OTHERS) for path in sorted(options.models.resolve().glob("*.keras"))]
        for threads in map(int, options.threads.split(",")):
            if "training" in options.parts:
                training(runner, models, threads, options.peers.split(","))
            if "inference" in options.parts:
                inference(runner, models, threads, INFERENCE.split(","))
        if "start" in options.parts:
            start(runner, models)


if __name__ == "__main__":
    main()
