#include "kernels/adaptive_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// McMahan et al. 2013, "Ad click prediction: a view from the trenches".
class Ftrl : public Optimizer {
 public:
  double learning_rate_power = -0.5, initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0, l2_regularization_strength = 0;
  double l2_shrinkage_regularization_strength = 0, beta = 0;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    return {{"accumulator", "linear"}};
  }
  void build_slots(std::vector<std::vector<VariablePtr>>& slots) override {
    Optimizer::build_slots(slots);
    for (const std::vector<VariablePtr>& own : slots)
      std::ranges::fill(own[0]->value.span<float>(), float(initial_accumulator_value));
  }
  void prepare(std::int64_t /*iterations*/, float rate) override {
    const float l2 = float(l2_regularization_strength) + float(beta) / (2.0f * rate);
    step_ = {rate, float(-learning_rate_power), float(l1_regularization_strength), 2 * l2,
             float(2 * l2_shrinkage_regularization_strength)};
  }
  void update(const UpdateRun& run) override {
    kernels::update_ftrl(step_, run.weight, run.gradient, run.slots[0], run.slots[1], run.count);
  }

 private:
  kernels::Ftrl step_{};
};

const ClassInfo& Ftrl::describe() {
  static const ClassInfo info = [] {
    using C = Ftrl;
    ClassInfo c =
        class_info<C>("optimizers", "Ftrl", "keras.optimizers",
                      "Follow the regularized leader: weights that do not matter become 0.");
    c.attributes = base_attributes<C>({
        attribute<C>("learning_rate_power", &C::learning_rate_power,
                     "How the rate falls; 0: it does not.")
            .at_most(0),
        attribute<C>("initial_accumulator_value", &C::initial_accumulator_value,
                     "What the sums of squares begin with.")
            .at_least(0),
        attribute<C>("l1_regularization_strength", &C::l1_regularization_strength,
                     "Of the absolute values.")
            .at_least(0),
        attribute<C>("l2_regularization_strength", &C::l2_regularization_strength,
                     "Of the squares.")
            .at_least(0),
        attribute<C>("l2_shrinkage_regularization_strength",
                     &C::l2_shrinkage_regularization_strength,
                     "Of the squares, as part of the gradient.")
            .at_least(0),
        attribute<C>("beta", &C::beta, "Added to the regularization of squares, over the rate."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Ftrl);

}  // namespace
}  // namespace keratin
