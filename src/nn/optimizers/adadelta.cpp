#include "kernels/adaptive_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Zeiler 2012, https://arxiv.org/abs/1212.5701.
class Adadelta : public Optimizer {
 public:
  double rho = 0.95, epsilon = 1e-7;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    return {{"accumulated_grad", "accumulated_delta_var"}};
  }
  void prepare(std::int64_t /*iterations*/, float rate) override {
    step_ = {rate, float(rho), float(1 - rho), float(epsilon)};
  }
  void update(const UpdateRun& run) override {
    kernels::update_adadelta(step_, run.weight, run.gradient, run.slots[0], run.slots[1],
                             run.count);
  }

 private:
  kernels::Adadelta step_{};
};

const ClassInfo& Adadelta::describe() {
  static const ClassInfo info = [] {
    using C = Adadelta;
    ClassInfo c = class_info<C>(
        "optimizers", "Adadelta", "keras.optimizers",
        "Gradient descent by running means of squared gradients and of squared changes.");
    c.attributes = base_attributes<C>({
        attribute<C>("rho", &C::rho, "Part of the means that is kept."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Adadelta);

}  // namespace
}  // namespace keratin
