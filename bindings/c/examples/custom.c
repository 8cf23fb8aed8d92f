/* A layer, a loss, a metric and a callback of one's own, used like the library's: in training, in a
 * saved file, and loaded again. cc custom.c $(pkg-config --cflags --libs keratin) */
#include <keratin/keratin.h>
#include <stdio.h>
#include <stdlib.h>

static void check(kt_error* error) {
  if (!error) return;
  fprintf(stderr, "%s\n", kt_error_message(error));
  exit(1);
}

/* y = x * scale, one trained number for each column. */
static kt_error* scale_build(void* context, kt_scope* scope, const int64_t* const* shapes,
                             const size_t* ranks, size_t n_inputs) {
  (void)context, (void)n_inputs;
  return kt_scope_add_weight(scope, "scale", &shapes[0][ranks[0] - 1], 1,
                             "{\"initializer\": \"ones\"}");
}

static kt_error* scale_call(void* context, kt_scope* scope, kt_symbolic* const* inputs,
                            size_t n_inputs, kt_symbolic** outputs) {
  (void)context, (void)n_inputs;
  kt_symbolic* operands[2] = {inputs[0], NULL};
  kt_error* error = kt_scope_weight(scope, "scale", &operands[1]);
  if (!error) error = kt_op_call("multiply", operands, 2, NULL, outputs);
  kt_symbolic_free(operands[1]);
  return error;
}

/* |y_true - y_pred| to a power that is an attribute of the class. */
static kt_error* power_error(void* context, kt_scope* scope, kt_symbolic* y_true,
                             kt_symbolic* y_pred, kt_symbolic** output) {
  (void)context;
  kt_symbolic* pair[2] = {y_true, y_pred};
  kt_symbolic *difference = NULL, *size = NULL;
  double power;
  char attributes[64];
  kt_error* error = kt_scope_number(scope, "power", &power);
  if (!error) error = kt_op_call("subtract", pair, 2, NULL, &difference);
  if (!error) error = kt_op_call("abs", &difference, 1, NULL, &size);
  snprintf(attributes, sizeof attributes, "{\"x2\": %g}", error ? 0.0 : power);
  if (!error) error = kt_op_call("power", &size, 1, attributes, output);
  kt_symbolic_free(difference);
  kt_symbolic_free(size);
  return error;
}

/* Ends the training when the loss is small. */
static kt_error* epoch_end(void* context, kt_loop* loop, int64_t epoch, const kt_logs* logs) {
  double loss;
  kt_error* error = kt_logs_value(logs, "loss", &loss);
  if (!error && loss < *(const double*)context) {
    printf("loss %.4f after epoch %d\n", loss, (int)epoch + 1);
    kt_loop_stop_training(loop);
  }
  return error;
}

int main(void) {
  kt_custom_layer scale = KT_CUSTOM_LAYER_INIT;
  kt_custom_function power = KT_CUSTOM_FUNCTION_INIT;
  kt_callback_functions functions = KT_CALLBACK_FUNCTIONS_INIT;
  double enough = 0.02;
  scale.name = "Scale";
  scale.build = scale_build;
  scale.call = scale_call;
  check(kt_register_layer(&scale));
  power.name = "PowerError";
  power.attributes = "[{\"name\": \"power\", \"type\": \"float\", \"default\": 1.5}]";
  power.call = power_error;
  check(kt_register_loss(&power));
  power.name = "power_error";
  check(kt_register_metric(&power));

  float xs[256][3], ys[256];
  for (int i = 0; i < 256; ++i) {
    for (int k = 0; k < 3; ++k) xs[i][k] = (float)((i * 37 + k * 61) % 101) / 50 - 1;
    ys[i] = 3 * xs[i][0] - 2 * xs[i][1] + 0.5f * xs[i][2];
  }
  const int64_t x_shape[] = {256, 3}, y_shape[] = {256, 1};
  kt_tensor *x, *y;
  check(kt_tensor_over(xs, KT_FLOAT32, x_shape, 2, NULL, NULL, &x));
  check(kt_tensor_over(ys, KT_FLOAT32, y_shape, 2, NULL, NULL, &y));

  const char* classes[] = {"InputLayer", "Scale", "Dense"};
  const char* configs[] = {"{\"shape\": [3]}", NULL, "{\"units\": 1}"};
  kt_layer* layers[3];
  kt_model *model, *loaded;
  kt_callback* callback;
  uint64_t hash, loaded_hash;
  kt_set_random_seed(1);
  for (int i = 0; i < 3; ++i) check(kt_layer_create(classes[i], configs[i], &layers[i]));
  check(kt_sequential_create(layers, 3, NULL, &model));
  check(kt_model_compile(model,
                         "{\"optimizer\": {\"class_name\": \"Adam\", \"config\": "
                         "{\"learning_rate\": 0.02}}, \"loss\": {\"class_name\": \"PowerError\", "
                         "\"config\": {\"power\": 1.75}}, \"metrics\": [\"power_error\"]}"));
  functions.context = &enough;
  functions.epoch_end = epoch_end;
  check(kt_callback_from_functions(&functions, &callback));
  kt_data data = {sizeof data, &x, 1, &y, 1, NULL, 0};
  kt_fit_options options = KT_FIT_OPTIONS_INIT;
  options.epochs = 500;
  options.callbacks = &callback;
  options.n_callbacks = 1;
  check(kt_model_fit(model, &data, &options, NULL));

  check(kt_model_save(model, "custom.keras"));
  check(kt_model_load("custom.keras", 1, &loaded));
  check(kt_model_weights_hash(model, &hash));
  check(kt_model_weights_hash(loaded, &loaded_hash));
  printf("loaded again: %s\n", hash == loaded_hash ? "the same" : "another");

  kt_callback_free(callback);
  kt_model_free(loaded);
  kt_model_free(model);
  for (int i = 0; i < 3; ++i) kt_layer_free(layers[i]);
  kt_tensor_free(y);
  kt_tensor_free(x);
  return hash == loaded_hash ? 0 : 1;
}
