/* Trains a network on a CSV table whose last column is 0 or 1: cc train.c $(pkg-config --cflags
 * --libs keratin) */
#include <keratin/keratin.h>
#include <stdio.h>
#include <stdlib.h>

static void check(kt_error* error) {
  if (!error) return;
  fprintf(stderr, "%s\n", kt_error_message(error));
  exit(1);
}

int main(int argc, char** argv) {
  const char* classes[] = {"InputLayer", "Normalization", "Dense", "Dense", "Dense"};
  const char* configs[] = {"{\"shape\": [8]}", NULL, "{\"units\": 10, \"activation\": \"relu\"}",
                           "{\"units\": 5, \"activation\": \"relu\"}",
                           "{\"units\": 1, \"activation\": \"sigmoid\"}"};
  kt_csv* csv;
  kt_tensor *x, *y, *part[4];
  kt_layer* layers[5];
  kt_model* model;
  kt_logs* logs;
  const char* columns[9];
  check(kt_csv_read(argc > 1 ? argv[1] : "breast_cancer.csv", &csv));
  for (int i = 0; i < 9; ++i) columns[i] = kt_csv_column_name(csv, i);
  check(kt_csv_numbers(csv, columns, 8, &x));
  check(kt_csv_numbers(csv, columns + 8, 1, &y));
  int64_t rows = kt_tensor_shape(x)[0], border = rows * 8 / 10; /* the last fifth is held out */
  check(kt_tensor_rows(x, 0, border, &part[0]));
  check(kt_tensor_rows(y, 0, border, &part[1]));
  check(kt_tensor_rows(x, border, rows, &part[2]));
  check(kt_tensor_rows(y, border, rows, &part[3]));

  kt_set_random_seed(1);
  for (int i = 0; i < 5; ++i) check(kt_layer_create(classes[i], configs[i], &layers[i]));
  check(kt_layer_adapt(layers[1], part[0]));
  check(kt_sequential_create(layers, 5, NULL, &model));
  check(kt_model_compile(model,
                         "{\"optimizer\": \"adam\", \"loss\": \"binary_crossentropy\","
                         " \"metrics\": [\"accuracy\"]}"));

  kt_data train = {sizeof train, &part[0], 1, &part[1], 1, NULL, 0};
  kt_data test = {sizeof test, &part[2], 1, &part[3], 1, NULL, 0};
  kt_fit_options options = KT_FIT_OPTIONS_INIT;
  options.epochs = 100;
  options.batch_size = 10;
  check(kt_model_fit(model, &train, &options, NULL));
  check(kt_model_evaluate(model, &test, NULL, &logs));
  for (size_t i = 0; i < kt_logs_count(logs); ++i)
    printf("%s: %.4f\n", kt_logs_key(logs, i), *kt_logs_values(logs, i, NULL));
  check(kt_model_save(model, "model.keras"));
  kt_logs_free(logs);
  kt_model_free(model);
  for (int i = 0; i < 5; ++i) kt_layer_free(layers[i]);
  for (int i = 0; i < 4; ++i) kt_tensor_free(part[i]);
  kt_tensor_free(y);
  kt_tensor_free(x);
  kt_csv_free(csv);
  return 0;
}
