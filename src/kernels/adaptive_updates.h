// More updates of optimizers, element by element: see optimizer_updates.h, whose rules hold here.
#pragma once

#include <cstdint>

namespace keratin::kernels {

struct Adadelta {
  float learning_rate, rho, one_minus_rho, epsilon;
};
// a = rho a + (1 - rho) g^2; change = -sqrt(d + epsilon) g / sqrt(a + epsilon);
// d = rho d + (1 - rho) change^2; w += rate change.
void update_adadelta(const Adadelta& step, float* weight, const float* gradient, float* a, float* d,
                     std::int64_t count);

// a += g^2; w -= rate g / sqrt(a + epsilon).
void update_adagrad(float learning_rate, float epsilon, float* weight, const float* gradient,
                    float* a, std::int64_t count);

struct Adamax {
  float learning_rate, one_minus_beta_1, beta_2, epsilon;
  float correction;  // 1 - beta_1^t
};
// m += (g - m)(1 - beta_1); u = max(beta_2 u, |g|); w -= rate m / (correction (u + epsilon)).
void update_adamax(const Adamax& step, float* weight, const float* gradient, float* m, float* u,
                   std::int64_t count);

struct Nadam {
  float learning_rate, one_minus_beta_1, one_minus_beta_2, epsilon;
  float u_next, one_minus_product_next;  // of the momentum schedule: the next step's
  float one_minus_u, one_minus_product;  // this step's
  float correction;                      // 1 - beta_2^t
};
// m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2);
// w -= (u_next m / (1 - product_next) + (1 - u) g / (1 - product)) rate
//      / (sqrt(v / correction) + epsilon).
void update_nadam(const Nadam& step, float* weight, const float* gradient, float* m, float* v,
                  std::int64_t count);

struct Lion {
  float learning_rate, beta_1, one_minus_beta_1, beta_2, one_minus_beta_2;
};
// w -= rate sign(beta_1 m + (1 - beta_1) g); m = beta_2 m + (1 - beta_2) g.
void update_lion(const Lion& step, float* weight, const float* gradient, float* m,
                 std::int64_t count);

struct Ftrl {
  float learning_rate;
  float power;  // minus learning_rate_power
  float l1, twice_l2, twice_shrinkage;
};
// n = a + g^2; l += g + 2 shrinkage w - (n^power - a^power) / rate w;
// w = (clip(l, -l1, l1) - l) / (n^power / rate + 2 l2); a = n.
void update_ftrl(const Ftrl& step, float* weight, const float* gradient, float* a, float* l,
                 std::int64_t count);

struct ScheduleFree {
  float learning_rate, beta_1, one_minus_beta_1, one_minus_beta_2, epsilon;
  float correction;            // 1 - beta_2^t
  float part, one_minus_part;  // of the newest in the average: 1 / t
};
// v += (g^2 - v)(1 - beta_2); z' = z - rate g / (sqrt(v / correction) + epsilon);
// x = (w - (1 - beta_1) z) / beta_1; x' = (1 - part) x + part z';
// w = (1 - beta_1) z' + beta_1 x'.
void update_schedule_free(const ScheduleFree& step, float* weight, const float* gradient, float* z,
                          float* v, std::int64_t count);

struct Lamb {
  float one_minus_beta_1, one_minus_beta_2, epsilon;
  float correction_1, correction_2;  // 1 - beta^t
};
// m and v as Adam's; the gradient becomes (m / correction_1) / (sqrt(v / correction_2) + epsilon).
void lamb_direction(const Lamb& step, float* gradient, float* m, float* v, std::int64_t count);

// m += g + m (momentum - 1); the gradient becomes g + momentum m (nesterov) or m.
void muon_direction(float momentum, bool nesterov, float* gradient, float* m, std::int64_t count);

// w -= factor x.
void subtract_scaled(float factor, float* weight, const float* x, std::int64_t count);

}  // namespace keratin::kernels
