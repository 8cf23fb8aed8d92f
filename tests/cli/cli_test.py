"""The program `keratin`, as a user runs it. KERATIN_PROGRAM and KERATIN_SOURCE name it and the sources."""

import csv
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
from xml.etree import ElementTree

PROGRAM = os.environ["KERATIN_PROGRAM"]
DATA = pathlib.Path(os.environ["KERATIN_SOURCE"], "bindings/data/breast_cancer.csv")
MIXED = "colour,size,price,ok\nred,1,2.5,yes\nblue,,3.5,no\nred,2,1.5,yes\ngreen,5,9.25,no\n"


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "mixed.csv").write_text(MIXED)

    def run_it(self, *arguments, code=0):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def train(self, *arguments, **options):
        return self.run_it("train", DATA, "--target", "benign", "--batch-size", 10, "--seed", 1, *arguments, **options)

    def test_main_job(self):
        shown = self.train("--dense", "10,5", "--epochs", 100, "--hold-out", 0.2, "--save", "model.keras",
                           "--log", "log.csv")
        self.assertIn("Epoch 100/100", shown)
        accuracy = float(re.search(r"Held out, 113 rows: loss: \S+ accuracy: (\S+)", shown)[1])
        self.assertGreater(accuracy, 0.9)
        with open(self.folder / "log.csv", newline="") as file:
            self.assertEqual(len(list(csv.DictReader(file))), 100)

        summary = self.run_it("summary", "model.keras")
        self.assertIn("Normalization", summary)
        shown_hash = re.search(r"Weights: (\w{16})", shown)[1]
        self.assertIn(f"Weights: {shown_hash}", summary)

        evaluated = self.run_it("evaluate", "model.keras", DATA, "--target", "benign")
        self.assertRegex(evaluated, r"loss: 0\.\d+\naccuracy: 0\.9\d+")
        predicted = self.run_it("predict", "model.keras", DATA, "--target", "benign").splitlines()
        with open(DATA, newline="") as file:
            truth = [row["benign"] for row in csv.DictReader(file)]
        self.assertEqual(len(predicted), len(truth) + 1)
        right = sum((float(p) > 0.5) == (t == "1") for p, t in zip(predicted[1:], truth))
        self.assertGreater(right / len(truth), 0.9)

    def test_quantize(self):
        self.train("--epochs", 20, "--save", "model.keras")
        self.assertEqual(self.run_it("quantize", "model.keras", "small.keras"), "")
        shown = self.run_it("quantize", "model.keras", "fixed.keras", "--calibration", DATA, "--target", "benign",
                            "--percentile", 99.99)
        before, after = map(float, re.search(r"^accuracy: (\S+), int8: (\S+)$", shown, re.M).groups())
        self.assertGreater(before, 0.9)
        self.assertGreater(after, before - 0.01)
        for name in ("small.keras", "fixed.keras"):
            evaluated = self.run_it("evaluate", name, DATA, "--target", "benign")
            self.assertGreater(float(re.search(r"accuracy: (\S+)", evaluated)[1]), before - 0.01)
        self.assertIn("quantized already", self.run_it("quantize", "small.keras", "again.keras", code=1))
        self.assertIn("--calibration", self.run_it("quantize", "model.keras", "x.keras", "--target", "benign", code=107))

    def test_piped_output_is_plain(self):
        shown = self.train("--epochs", 2)
        self.assertNotRegex(shown, r"[\x00-\x09\x0b-\x1f]")
        self.assertEqual(self.train("--epochs", 2, "--quiet").count("Epoch"), 0)

    def test_seed_repeats(self):
        self.assertEqual(*(re.search(r"Weights: .*", self.train("--epochs", 3))[0] for _ in range(2)))

    def test_threads_change_nothing(self):
        def hash_with(threads):
            out = self.run_it("--threads", threads, "train", DATA, "--target", "benign", "--seed", 1, "--epochs", 2)
            return re.search(r"Weights: .*", out)[0]

        self.assertEqual(hash_with(1), hash_with(3))

    def test_remat_changes_nothing(self):
        losses = [re.findall(r"loss: (\S+)", self.train("--epochs", 3, *options)) for options in ((), ("--remat", "full"))]
        self.assertEqual(*losses)
        self.assertIn("'half'", self.train("--remat", "half", code=1))

    def test_text_columns_and_missing_numbers(self):
        self.run_it("train", "mixed.csv", "--target", "ok", "--epochs", 2, "--save", "mixed.keras")
        self.assertEqual(len(self.run_it("predict", "mixed.keras", "mixed.csv", "--target", "ok").splitlines()), 5)
        (self.folder / "new.csv").write_text("size,colour,price\n,violet,1\n")
        self.run_it("predict", "mixed.keras", "new.csv")

    def test_regression_and_several_classes(self):
        self.assertIn("mean_absolute_error", self.run_it("train", "mixed.csv", "--target", "price", "--epochs", 1))
        shown = self.run_it("train", "mixed.csv", "--target", "colour", "--epochs", 1)
        self.assertIn("Classes: 0=blue 1=green 2=red", shown)

    def test_model_from_json(self):
        layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 8]}},
                  {"class_name": "Normalization", "config": {}},
                  {"class_name": "Dense", "config": {"units": 1, "activation": "sigmoid"}}]
        (self.folder / "model.json").write_text(json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
        shown = self.train("--model", "model.json", "--epochs", 20, "--hold-out", 0.2)
        self.assertGreater(float(re.search(r"Held out.* accuracy: (\S+)", shown)[1]), 0.85)

    def test_layers(self):
        self.assertRegex(self.run_it("layers"), r"(?m)^Dense +\S")
        dense = self.run_it("layers", "Dense")
        self.assertRegex(dense, r"units: int \(required\)")
        self.assertRegex(dense, r"use_bias: bool = true")
        self.assertIn("Adam", self.run_it("layers", "--kind", "optimizers"))
        self.assertRegex(self.run_it("--version"), r"\d+\.\d+\.\d+")

    def plotted(self, model):
        """The texts of the boxes and the number of arrows."""
        self.run_it("plot", model, "out.svg")
        self.assertEqual([path.name for path in self.folder.glob("out*")], ["out.svg"])
        svg = ElementTree.parse(self.folder / "out.svg")
        name = "{http://www.w3.org/2000/svg}"
        texts = [text.text for text in svg.iter(name + "text")]
        for box in svg.iter(name + "rect"):
            self.assertGreaterEqual(float(box.get("x", 0)), 0)
        return texts, sum(1 for path in svg.iter(name + "path") if path.get("marker-end"))

    def test_plot_of_a_chain(self):
        self.train("--epochs", 1, "--save", "model.keras")
        texts, arrows = self.plotted("model.keras")
        classes = [text for text in texts if text in ("Dense", "Normalization")]
        self.assertEqual(classes, ["Normalization", "Dense", "Dense", "Dense"])
        self.assertIn("(None, 8)", texts)
        self.assertEqual(arrows, len(texts) // 3 - 1)

    def test_plot_of_a_graph(self):
        def call(*sources):
            tensors = [{"class_name": "__keras_tensor__", "config": {
                "shape": [None, 8], "dtype": "float32", "keras_history": [name, node, 0]}}
                for name, node in sources]
            return {"args": [tensors if len(tensors) > 1 else tensors[0]], "kwargs": {}}

        def layer(kind, name, config, *calls):
            return {"module": "keras.layers", "class_name": kind, "config": {"name": name, **config},
                    "registered_name": None, "name": name, "inbound_nodes": list(calls)}

        graph = {"module": "keras.src.models.functional", "class_name": "Functional",
                 "registered_name": "Functional", "config": {
                     "name": "graph", "trainable": True, "layers": [
                         layer("InputLayer", "in", {"batch_shape": [None, 8], "dtype": "float32"}),
                         layer("Dense", "shared", {"units": 8}, call(("in", 0)), call(("shared", 0))),
                         layer("Add", "sum", {}, call(("in", 0), ("shared", 0), ("shared", 1))),
                         layer("Dense", "out", {"units": 1, "activation": "sigmoid"}, call(("sum", 0)))],
                     "input_layers": [["in", 0, 0]], "output_layers": [["out", 0, 0]]}}
        (self.folder / "graph.json").write_text(json.dumps(graph))
        self.train("--model", "graph.json", "--epochs", 1, "--save", "graph.keras")
        texts, arrows = self.plotted("graph.keras")
        # Its calls are boxes: the shared layer has two, and the sum three arrows.
        self.assertGreaterEqual(texts.count("shared"), 2)
        self.assertIn("(None, 8), (None, 8), (None, 8)", texts)

    def test_errors(self):
        for arguments, wanted in (
            (["train", "none.csv", "--target", "x"], "none.csv"),
            (["train", "mixed.csv", "--target", "x"], "there is no column 'x'; there are 'colour'"),
            (["train", "mixed.csv", "--target", "size"], "column 'size', row 2"),
            (["train", "mixed.csv", "--target", "ok", "--save", "m.h5"], "expected a name that ends in '.keras'"),
            (["train", "mixed.csv", "--target", "ok", "--loss", "nonsense"], "nonsense"),
            (["train", "mixed.csv", "--target", "ok", "--model", "none.json"], "none.json"),
            (["layers", "Dens"], "Dens"),
            (["summary", "mixed.csv"], "mixed.csv"),
        ):
            with self.subTest(arguments):
                self.assertIn(wanted, self.run_it(*arguments, code=1))
        self.train("--epochs", 1, "--save", "model.keras")
        self.assertIn("8 columns", self.run_it("predict", "model.keras", DATA, code=1))
        for arguments in ([], ["train"], ["train", DATA, "--target", "benign", "--epochs", "0"], ["fly"]):
            done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
            self.assertGreater(done.returncode, 1, arguments)
            self.assertTrue(done.stderr, arguments)


if __name__ == "__main__":
    unittest.main()
