"""The same seed and data give the same weights, to the bit, from the command line, C and Python."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import SOURCE, keras, np

LIBRARY = pathlib.Path(os.environ["KERATIN_LIBRARY"])
PROGRAM = pathlib.Path(os.environ["KERATIN_BUILD"], "bindings/cli/keratin")
DATA = SOURCE / "bindings/data/breast_cancer.csv"
EPOCHS, BATCH, SEED = 7, 10, 5

C_PROGRAM = r"""
#include <inttypes.h>
#include <keratin/keratin.h>
#include <stdio.h>
#include <stdlib.h>
static void check(kt_error* error) {
  if (error) fprintf(stderr, "%s\n", kt_error_message(error)), exit(1);
}
int main(int argc, char** argv) {
  const char* classes[] = {"Normalization", "Dense", "Dense", "Dense"};
  const char* configs[] = {NULL, "{\"units\": 10, \"activation\": \"relu\"}",
                           "{\"units\": 5, \"activation\": \"relu\"}",
                           "{\"units\": 1, \"activation\": \"sigmoid\"}"};
  const char* names[9];
  const int64_t shape[] = {8};
  kt_csv* csv;
  kt_tensor *x, *y;
  kt_symbolic *input, *ends[5];
  kt_model* model;
  uint64_t hash;
  if (argc != 5) return 2;
  kt_set_random_seed(strtoull(argv[2], NULL, 10));
  check(kt_csv_read(argv[1], &csv));
  for (int i = 0; i < 9; ++i) names[i] = kt_csv_column_name(csv, i);
  check(kt_csv_numbers(csv, names, 8, &x));
  check(kt_csv_numbers(csv, names + 8, 1, &y));
  check(kt_input(shape, 1, KT_FLOAT32, "numbers", &input));
  ends[0] = input;
  for (int i = 0; i < 4; ++i) {
    kt_layer* layer;
    check(kt_layer_create(classes[i], configs[i], &layer));
    if (i == 0) check(kt_layer_adapt(layer, x));
    check(kt_layer_call(layer, &ends[i], 1, KT_AS_RUN, &ends[i + 1], 1));
  }
  check(kt_model_create(&input, 1, &ends[4], 1, NULL, &model));
  check(kt_model_compile(model, "{\"optimizer\": \"adam\", \"loss\": \"binary_crossentropy\","
                                " \"metrics\": [\"accuracy\"]}"));
  kt_data data = {sizeof data, &x, 1, &y, 1, NULL, 0};
  kt_fit_options options = KT_FIT_OPTIONS_INIT;
  options.epochs = atoi(argv[3]);
  options.batch_size = atoi(argv[4]);
  check(kt_model_fit(model, &data, &options, NULL));
  check(kt_model_weights_hash(model, &hash));
  printf("%016" PRIx64 "\n", hash);
  return 0;
}
"""


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True,
                          **options).stdout


def by_python(seed=SEED):
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    table = np.loadtxt(DATA, delimiter=",", skiprows=1, dtype="float32")
    x, y = np.ascontiguousarray(table[:, :8]), table[:, 8]
    normalization = keras.layers.Normalization()
    normalization.adapt(x)
    inputs = keras.Input((8,), name="numbers")
    tensor = normalization(inputs)
    for units, activation in ((10, "relu"), (5, "relu"), (1, "sigmoid")):
        tensor = keras.layers.Dense(units, activation=activation)(tensor)
    model = keras.Model(inputs, tensor)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


class Hash(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_command_line_c_and_python(self):
        model = by_python()
        printed = run(PROGRAM, "train", DATA, "--target", "benign", "--dense", "10,5", "--epochs",
                      EPOCHS, "--batch-size", BATCH, "--seed", SEED, "--hold-out", 0,
                      "--validation-split", 0, "--quiet", "--save", "m.keras", cwd=self.folder)
        by_command = re.search(r"^Weights: ([0-9a-f]{16})$", printed, re.M)[1]
        source, program = self.folder / "a.c", self.folder / "a"
        source.write_text(C_PROGRAM)
        run("cc", f"-I{SOURCE}/include", source, LIBRARY, "-o", program)
        env = {**os.environ, "LD_LIBRARY_PATH": str(LIBRARY.parent)}
        by_c = run(program, DATA, SEED, EPOCHS, BATCH, env=env).strip()
        self.assertEqual(f"{model.weights_hash():016x}", by_c)
        self.assertEqual(by_command, by_c)
        loaded = keras.models.load_model(self.folder / "m.keras")
        self.assertEqual(f"{loaded.weights_hash():016x}", by_command)

    def test_another_seed_gives_others(self):
        self.assertNotEqual(by_python().weights_hash(), by_python(SEED + 1).weights_hash())


if __name__ == "__main__":
    unittest.main()
