// The arithmetic of optimizers over flat runs of float32: one pass over memory each, all threads.
// Operations are in Keras' order, each rounded by itself. Pointers need no alignment; different
// arrays of one call do not overlap.
#pragma once

#include <cstdint>

namespace keratin::kernels {

struct Sgd {
  float learning_rate;
  float momentum = 0;
  bool nesterov = false;
};
// velocity = momentum velocity - rate g; w += velocity (nesterov: momentum velocity - rate g).
// Without momentum: w -= rate g, and `velocity` is not touched (may be NULL).
void update_sgd(const Sgd& step, float* weight, const float* gradient, float* velocity,
                std::int64_t count);

struct Adam {
  float alpha;  // rate sqrt(1 - beta_2^t) / (1 - beta_1^t)
  float one_minus_beta_1;
  float one_minus_beta_2;
  float epsilon;

  // For the step after `iterations` earlier ones.
  static Adam at(std::int64_t iterations, float learning_rate, double beta_1, double beta_2,
                 double epsilon);
};
// m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2); w -= m alpha / (sqrt(v) + epsilon).
// With `v_hat` (AMSGrad): v_hat = max(v_hat, v) stands for v in the last. `v_hat` may be NULL.
void update_adam(const Adam& step, float* weight, const float* gradient, float* m, float* v,
                 float* v_hat, std::int64_t count);

struct RmsProp {
  float learning_rate;
  float rho;
  float one_minus_rho;
  float momentum;  // 0: none
  float epsilon;
};
// v = rho v + (1 - rho) g^2; d = v + epsilon; with `average` (centered): average = rho average +
// (1 - rho) g, d = v - average^2 + epsilon; increment = rate g / sqrt(d). With `velocity`
// (momentum): velocity = momentum velocity + increment; w -= velocity; else w -= increment. Both
// may be NULL.
void update_rmsprop(const RmsProp& step, float* weight, const float* gradient, float* v,
                    float* velocity, float* average, std::int64_t count);

// w -= w decay rate.
void decay_weights(float* weight, float decay, float learning_rate, std::int64_t count);
// average = momentum average + (1 - momentum) w.
void update_average(float* average, const float* weight, float momentum, std::int64_t count);

// sum += g: gradients of several batches before one step.
void accumulate(float* sum, const float* gradient, std::int64_t count);
// g = (g + sum) / divisor.
void mean_with_accumulated(float* gradient, const float* sum, float divisor, std::int64_t count);

void scale(float* x, float factor, std::int64_t count);  // x *= factor
void scale_and_divide(float* x, float factor, float divisor,
                      std::int64_t count);                                // x factor / divisor
void clip_by_value(float* x, float low, float high, std::int64_t count);  // NaN stays
float sum_of_squares(const float* x, std::int64_t count);

}  // namespace keratin::kernels
