#include <cmath>

#include "kernels/adaptive_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Kingma & Ba 2014, https://arxiv.org/abs/1412.6980, section 7.
class Adamax : public Optimizer {
 public:
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    return {{"momentum", "norm"}};
  }
  void prepare(std::int64_t iterations, float rate) override {
    const float power = std::pow(float(beta_1), float(iterations + 1));
    step_ = {rate, float(1 - beta_1), float(beta_2), float(epsilon), 1 - power};
  }
  void update(const UpdateRun& run) override {
    kernels::update_adamax(step_, run.weight, run.gradient, run.slots[0], run.slots[1], run.count);
  }

 private:
  kernels::Adamax step_{};
};

const ClassInfo& Adamax::describe() {
  static const ClassInfo info = [] {
    using C = Adamax;
    ClassInfo c =
        class_info<C>("optimizers", "Adamax", "keras.optimizers",
                      "Adam by the largest magnitude in the place of the mean of squares.");
    c.attributes = base_attributes<C>({
        attribute<C>("beta_1", &C::beta_1, "Part of the gradients' mean that is kept."),
        attribute<C>("beta_2", &C::beta_2, "Part of the largest magnitude that is kept."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Adamax);

}  // namespace
}  // namespace keratin
