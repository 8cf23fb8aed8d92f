#include <cmath>

#include "kernels/adaptive_updates.h"
#include "kernels/optimizer_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

float root_mean_square(const float* x, std::int64_t count) {
  return std::sqrt(kernels::sum_of_squares(x, count) / float(count));
}

// Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235: of matrices only the means of squared
// gradients by row and by column are kept. (Keras keeps their product, too.)
class Adafactor : public Optimizer {
 public:
  double beta_2_decay = -0.8, epsilon_1 = 1e-30, epsilon_2 = 1e-3, clip_threshold = 1;
  bool relative_step = true;

  KERATIN_CLASS

 protected:
  bool update_by_variable() const override { return true; }

  void build_slots(std::vector<std::vector<VariablePtr>>& slots) override {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Variable& weight = *weights()[i];
      Shape rows = weight.value.shape();
      if (rows.size() < 2) {  // two zeros that are never used stand among Keras' variables
        for (int k = 0; k < 2; ++k)
          add_variable(weight.name, Tensor::scalar<std::int32_t>(0))->path = weight.name;
      } else {
        Shape columns = rows;
        rows.pop_back();
        columns.erase(columns.end() - 2);
        slots[i].push_back(add_variable(weight.name, Tensor(DType::kFloat32, rows)));
        slots[i].push_back(add_variable(weight.name, Tensor(DType::kFloat32, columns)));
      }
      slots[i].push_back(add_variable(prefix_of(weight) + "_velocity",
                                      Tensor(DType::kFloat32, weight.value.shape())));
    }
  }

  void prepare(std::int64_t iterations, float rate) override {
    const float t = float(iterations + 1);
    rho_ = std::min(rate, 1 / std::sqrt(t));
    beta_2_ = 1 - std::pow(t, float(beta_2_decay));
  }

  void update(const UpdateRun& run) override {
    const float alpha = std::max(float(epsilon_2), root_mean_square(run.weight, run.count)) * rho_;
    if (run.shape.size() >= 2)
      factored_velocity(run);
    else
      for (std::int64_t i = 0; i < run.count; ++i)
        run.slots[0][i] = beta_2_ * run.slots[0][i] + (1 - beta_2_) * square(run.gradient[i]);
    const float* v = run.slots[run.shape.size() >= 2 ? 2 : 0];
    for (std::int64_t i = 0; i < run.count; ++i) run.gradient[i] /= std::sqrt(v[i]);
    const float size = root_mean_square(run.gradient, run.count);
    const float divisor = std::max(1.0f, size / float(clip_threshold));
    kernels::subtract_scaled(alpha / divisor, run.weight, run.gradient, run.count);
  }

 private:
  float square(float gradient) const { return gradient * gradient + float(epsilon_1); }

  // slots: means by row [..., rows], by column [..., columns], and v [..., rows, columns].
  void factored_velocity(const UpdateRun& run) const {
    const std::int64_t columns = run.shape.back(), rows = run.shape[run.shape.size() - 2];
    for (std::int64_t matrix = 0; matrix < run.count / (rows * columns); ++matrix) {
      const float* g = run.gradient + matrix * rows * columns;
      float *r = run.slots[0] + matrix * rows, *c = run.slots[1] + matrix * columns;
      float* v = run.slots[2] + matrix * rows * columns;
      const float kept = beta_2_, added = 1 - beta_2_;
      // v holds the columns' sums in its first row meanwhile.
      for (std::int64_t k = 0; k < columns; ++k) v[k] = 0;
      float row_means = 0;
      for (std::int64_t i = 0; i < rows; ++i) {
        double sum = 0;
        for (std::int64_t k = 0; k < columns; ++k) {
          const float s = square(g[i * columns + k]);
          sum += double(s);
          v[k] += s;
        }
        r[i] = kept * r[i] + added * float(sum / double(columns));
        row_means += r[i];
      }
      row_means /= float(rows);
      for (std::int64_t k = 0; k < columns; ++k) c[k] = kept * c[k] + added * (v[k] / float(rows));
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t k = 0; k < columns; ++k) v[i * columns + k] = r[i] / row_means * c[k];
    }
  }

  float rho_ = 0, beta_2_ = 0;
};

const ClassInfo& Adafactor::describe() {
  static const ClassInfo info = [] {
    using C = Adafactor;
    ClassInfo c =
        class_info<C>("optimizers", "Adafactor", "keras.optimizers",
                      "Gradient descent by means of squared gradients by row and column.");
    c.attributes = base_attributes<C>({
        attribute<C>("beta_2_decay", &C::beta_2_decay,
                     "Power of the step by which less of the means is replaced."),
        attribute<C>("epsilon_1", &C::epsilon_1, "Added to squared gradients."),
        attribute<C>("epsilon_2", &C::epsilon_2,
                     "Least size of a variable, to which its change is scaled."),
        attribute<C>("clip_threshold", &C::clip_threshold, "Largest size of a change before that."),
        attribute<C>("relative_step", &C::relative_step,
                     "Whether the rate is at most 1 / sqrt(step); it always is, as in Keras."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Adafactor);

}  // namespace
}  // namespace keratin
