#include <cmath>

#include "kernels/adaptive_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Dozat 2015: Adam with Nesterov's momentum.
class Nadam : public Optimizer {
 public:
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    return {{"momentum", "velocity"}};
  }
  void build_slots(std::vector<std::vector<VariablePtr>>& slots) override {
    Optimizer::build_slots(slots);
    product_ = add_variable("variable", Tensor::scalar(1.0f));
    product_->path = product_->name;  // Keras leaves it without a name
  }
  void prepare(std::int64_t iterations, float rate) override {
    const float t = float(iterations + 1), b1 = float(beta_1), b2 = float(beta_2);
    const auto u = [&](float step) { return b1 * (1 - 0.5f * std::pow(0.96f, step)); };
    float& product = *product_->value.data<float>();
    product *= u(t);
    const float next = u(t + 1);
    step_ = {rate,           1 - b1,      1 - b2,
             float(epsilon), next,        1 - product * next,
             1 - u(t),       1 - product, 1 - std::pow(b2, t)};
  }
  void update(const UpdateRun& run) override {
    kernels::update_nadam(step_, run.weight, run.gradient, run.slots[0], run.slots[1], run.count);
  }

 private:
  kernels::Nadam step_{};
  VariablePtr product_;  // of the momentum schedule so far
};

const ClassInfo& Nadam::describe() {
  static const ClassInfo info = [] {
    using C = Nadam;
    ClassInfo c =
        class_info<C>("optimizers", "Nadam", "keras.optimizers", "Adam with Nesterov's momentum.");
    c.attributes = base_attributes<C>({
        attribute<C>("beta_1", &C::beta_1, "Part of the gradients' mean that is kept."),
        attribute<C>("beta_2", &C::beta_2, "Part of the squared gradients' mean that is kept."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Nadam);

}  // namespace
}  // namespace keratin
