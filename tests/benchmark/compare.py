"""Runs keratin_bench and other frameworks in turn and prints a table of times and ratios.

    python3 compare.py KERATIN_BENCH [--workloads mlp_tiny,mlp_mnist] [--peers jax-step,torch] [--threads 1,2]
                       [--rounds 3] [--seconds 4] [--python PYTHON] [--inference] [--start]

PYTHON is one with keras, jax and what else the peers need. Each round runs ours, then each peer; the least time of all
rounds counts. With one thread, all are bound to one processor.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).parent
SHAPES = {"mlp_tiny": (10, 200), "mlp_mnist": (128, 40), "cnn_mnist": (64, 10), "resnet20": (64, 8), "lstm": (64, 8),
          "gru": (64, 8), "transformer": (16, 6)}  # batch, steps


def run(command, threads):
    pinned = ["taskset", "-c", str(max(os.sched_getaffinity(0)))] if threads == 1 else []
    env = dict(os.environ, THREADS=str(threads))
    done = subprocess.run([*pinned, *map(str, command)], capture_output=True, text=True, env=env)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        return {"error": (done.stderr.strip().splitlines() or ["?"])[-1][:200]}
    return json.loads(lines[-1])


def least(results, key):
    values = [r[key] for r in results if key in r]
    return min(values) if values else None


def row(name, results, keys, ours):
    cells = []
    for key in keys:
        value = least(results, key)
        if value is None:
            return f"| {name} | " + " | ".join(["-"] * (2 * len(keys) + 1)) + f" | {results[0].get('error', '')}"
        cells += [f"{value:,.1f}", f"{value / ours[key]:.2f}"]
    return f"| {name} | " + " | ".join(cells) + f" | {least(results, 'peak_mib')} |"


def compare(options, folder, workload, threads, peers, keys, mode):
    model, (batch, steps) = folder / f"{workload}.keras", SHAPES[workload]
    own = [options.bench, workload, "--threads", threads, "--seconds", options.seconds, "--mode", mode]
    saved = run([options.bench, workload, "--seconds", 0, "--save", model], 1)
    if "error" in saved:
        return print(f"\n{workload}: {saved['error']}")
    results = {"keratin": []} | {peer: [] for peer in peers}
    for _ in range(options.rounds):
        results["keratin"].append(run(own, threads))
        for peer in peers:
            results[peer].append(run([options.python, HERE / "peers.py", peer, model, batch, steps, options.seconds],
                                     threads))
    ours = {key: least(results["keratin"], key) for key in keys}
    print(f"\n{workload}, {threads} thread{'s' if threads > 1 else ''}, {mode}\n")
    print("| | " + " | ".join(f"{key} | ratio" for key in keys) + " | peak MiB |")
    print("|---" * (2 * len(keys) + 2) + "|")
    for name, of_name in results.items():
        print(row(name, of_name, keys, ours), flush=True)


def start(options, folder):
    """Saved model to first answer in a new process, from outside."""
    model = folder / "start.keras"
    run([options.bench, "mlp_mnist", "--seconds", 0, "--save", model], 1)
    command = [str(options.bench), str(model), "--mode", "first"]
    best, peak = 1e9, 0
    for _ in range(20):
        begin = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        best, peak = min(best, time.perf_counter() - begin), json.loads(done.stdout)["peak_mib"]
    print(f"\nFirst answer of a saved mlp_mnist in a new process: {best * 1e3:.1f} ms, {peak} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bench", type=pathlib.Path)
    parser.add_argument("--workloads", default=",".join(SHAPES))
    parser.add_argument("--peers", help="default: jax-step,torch,keras-tf,keras-jax, or infer-jax,infer-onnxruntime")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--python", default="python3")
    parser.add_argument("--inference", action="store_true")
    parser.add_argument("--start", action="store_true")
    options = parser.parse_args()
    options.bench = options.bench.resolve()
    usual = "infer-jax,infer-onnxruntime" if options.inference else "jax-step,torch,keras-tf,keras-jax"
    peers = (options.peers or usual).split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for threads in map(int, options.threads.split(",")):
            for workload in options.workloads.split(","):
                if options.inference:
                    compare(options, folder, workload, threads, peers, ["us_batch1", "us_batch256"], "predict")
                else:
                    compare(options, folder, workload, threads, peers, ["us_step_min"], "train")
        if options.start:
            start(options, folder)


if __name__ == "__main__":
    main()
