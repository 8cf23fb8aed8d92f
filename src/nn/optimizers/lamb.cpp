#include <cmath>

#include "kernels/adaptive_updates.h"
#include "kernels/optimizer_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// You et al. 2019, https://arxiv.org/abs/1904.00962.
class Lamb : public Optimizer {
 public:
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    return {{"momentum", "velocity"}};
  }
  bool update_by_variable() const override { return true; }
  void prepare(std::int64_t iterations, float rate) override {
    const float t = float(iterations + 1);
    rate_now_ = rate;
    step_ = {float(1 - beta_1), float(1 - beta_2), float(epsilon), 1 - std::pow(float(beta_1), t),
             1 - std::pow(float(beta_2), t)};
  }
  void update(const UpdateRun& run) override {
    kernels::lamb_direction(step_, run.gradient, run.slots[0], run.slots[1], run.count);
    const float size = std::sqrt(kernels::sum_of_squares(run.weight, run.count));
    const float change = std::sqrt(kernels::sum_of_squares(run.gradient, run.count));
    const float ratio = size > 0 && change > 0 ? size / change : 1;
    kernels::subtract_scaled(ratio * rate_now_, run.weight, run.gradient, run.count);
  }

 private:
  kernels::Lamb step_{};
  float rate_now_ = 0;
};

const ClassInfo& Lamb::describe() {
  static const ClassInfo info = [] {
    using C = Lamb;
    ClassInfo c =
        class_info<C>("optimizers", "Lamb", "keras.optimizers",
                      "Adam whose change of each variable is scaled to the variable's own size.");
    c.attributes = base_attributes<C>({
        attribute<C>("beta_1", &C::beta_1, "Part of the gradients' mean that is kept."),
        attribute<C>("beta_2", &C::beta_2, "Part of the squared gradients' mean that is kept."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Lamb);

}  // namespace
}  // namespace keratin
