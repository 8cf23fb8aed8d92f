#include "kernels/adaptive_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Duchi, Hazan & Singer 2011.
class Adagrad : public Optimizer {
 public:
  double initial_accumulator_value = 0.1, epsilon = 1e-7;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override { return {{"accumulator"}}; }
  void build_slots(std::vector<std::vector<VariablePtr>>& slots) override {
    Optimizer::build_slots(slots);
    for (const std::vector<VariablePtr>& own : slots)
      std::ranges::fill(own[0]->value.span<float>(), float(initial_accumulator_value));
  }
  void prepare(std::int64_t /*iterations*/, float rate) override { rate_now_ = rate; }
  void update(const UpdateRun& run) override {
    kernels::update_adagrad(rate_now_, float(epsilon), run.weight, run.gradient, run.slots[0],
                            run.count);
  }

 private:
  float rate_now_ = 0;
};

const ClassInfo& Adagrad::describe() {
  static const ClassInfo info = [] {
    using C = Adagrad;
    ClassInfo c = class_info<C>("optimizers", "Adagrad", "keras.optimizers",
                                "Gradient descent by the sum of all squared gradients.");
    c.attributes = base_attributes<C>({
        attribute<C>("initial_accumulator_value", &C::initial_accumulator_value,
                     "What the sums begin with."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Adagrad);

}  // namespace
}  // namespace keratin
