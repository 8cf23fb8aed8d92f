/* Predictions within an audio callback: a thread of its own is handed blocks of samples and must be
 * done in time, while the model goes on learning beside it.
 * cc real_time.c $(pkg-config --cflags --libs keratin) */
#include <keratin/keratin.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK 64

static void check(kt_error* error) {
  if (!error) return;
  fprintf(stderr, "%s\n", kt_error_message(error));
  exit(1);
}

/* What the sound system calls: no allocation, no lock, no system call within. */
static void on_block(kt_predictor* predictor, const float* in, float* out) {
  const void* inputs[] = {in};
  void* outputs[] = {out};
  kt_error* error = kt_predictor_run(predictor, inputs, 1, outputs, 1);
  if (error) { /* a mistake of ours: other numbers of pointers, a second thread */
    kt_error_free(error);
    for (int i = 0; i < BLOCK; ++i) out[i] = in[i];
  }
}

int main(void) {
  /* A filter of 8 taps over one channel. */
  kt_layer* layers[3];
  kt_model* model;
  check(kt_layer_create("InputLayer", "{\"shape\": [64, 1]}", &layers[0]));
  check(kt_layer_create("Conv1D",
                        "{\"filters\": 8, \"kernel_size\": 8, \"padding\": \"causal\", "
                        "\"activation\": \"tanh\"}",
                        &layers[1]));
  check(kt_layer_create("Conv1D", "{\"filters\": 1, \"kernel_size\": 1}", &layers[2]));
  check(kt_sequential_create(layers, 3, NULL, &model));

  kt_predictor* predictor;
  check(kt_predictor_create(model, 1, NULL, NULL, 0, &predictor));
  float in[BLOCK], out[BLOCK];
  for (int block = 0; block < 100; ++block) {
    for (int i = 0; i < BLOCK; ++i) in[i] = (float)((block * BLOCK + i) % 50) / 50 - 0.5f;
    on_block(predictor, in, out);
  }
  printf("the last sample became %.4f\n", out[BLOCK - 1]);

  kt_predictor_free(predictor);
  kt_model_free(model);
  for (int i = 0; i < 3; ++i) kt_layer_free(layers[i]);
  return 0;
}
