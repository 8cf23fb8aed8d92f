"""keratin_bench runs each workload and model files, and prints the keys that compare.py reads."""

import json
import os
import subprocess
import tempfile
import unittest

BENCH = os.environ["KERATIN_BENCH"]
MEMORY = os.environ["KERATIN_MEMORY"]
TRAIN = {"framework", "workload", "threads", "us_step_min", "us_step_median", "first_block_s", "loss", "peak_mib", "policy"}


def run(*arguments, code=0):
    done = subprocess.run([BENCH, *arguments], capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if code == 0 else done.stderr


class Bench(unittest.TestCase):
    def test_workloads(self):
        for name in run("--help", code=2).split("workloads:")[1].split():
            with self.subTest(name):
                line = run(name, "--seconds", "0", "--batch", "2")
                self.assertEqual(set(line), TRAIN)
                self.assertGreater(line["us_step_min"], 0)

    def test_model_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.keras")
            run("mlp_tiny", "--seconds", "0", "--save", path)
            self.assertEqual(set(run(path, "--seconds", "0", "--threads", "2")), TRAIN)
            self.assertIn("us_batch256", run(path, "--seconds", "0.01", "--mode", "predict"))
            self.assertIn("first_answer_s", run(path, "--mode", "first"))

    def test_memory(self):
        def figures(*arguments):
            lines = subprocess.run([MEMORY, *arguments], capture_output=True, text=True, check=True).stdout
            return [float(cell) for cell in lines.splitlines()[-1].split("|")[2:-1]]

        variables, gradients, live, arena, ratio = figures("transformer")[1:]
        self.assertGreater(variables, gradients)
        self.assertGreaterEqual(arena, live)
        self.assertAlmostEqual(ratio, (variables + gradients + arena) / (variables + gradients + live), delta=0.02)
        self.assertLess(figures("--remat", "full", "transformer")[3], live / 2)

    def test_errors(self):
        self.assertIn("no workload 'fly'", run("fly", code=1))
        run("mlp_tiny", "--fly", "1", code=2)


if __name__ == "__main__":
    unittest.main()
