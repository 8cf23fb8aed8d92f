#include "kernels/adaptive_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Chen et al. 2023, https://arxiv.org/abs/2302.06675.
class Lion : public Optimizer {
 public:
  double beta_1 = 0.9, beta_2 = 0.99;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override { return {{"momentum"}}; }
  void prepare(std::int64_t /*iterations*/, float rate) override {
    const float b1 = float(beta_1), b2 = float(beta_2);
    step_ = {rate, b1, 1 - b1, b2, 1 - b2};
  }
  void update(const UpdateRun& run) override {
    kernels::update_lion(step_, run.weight, run.gradient, run.slots[0], run.count);
  }

 private:
  kernels::Lion step_{};
};

const ClassInfo& Lion::describe() {
  static const ClassInfo info = [] {
    using C = Lion;
    ClassInfo c = class_info<C>("optimizers", "Lion", "keras.optimizers",
                                "Gradient descent by the sign of a running mean of gradients.");
    c.attributes = base_attributes<C>({
        attribute<C>("beta_1", &C::beta_1, "Part of the mean in what the sign is taken of.")
            .above(0)
            .at_most(1),
        attribute<C>("beta_2", &C::beta_2, "Part of the mean that is kept."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Lion);

}  // namespace
}  // namespace keratin
