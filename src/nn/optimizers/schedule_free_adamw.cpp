#include <cmath>

#include "kernels/adaptive_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Defazio et al. 2024, https://arxiv.org/abs/2405.15682. The slot that Keras calls momentum is the
// sequence z, which begins as the weights.
class ScheduleFreeAdamW : public Optimizer {
 public:
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-8;
  std::int64_t warmup_steps = 0;

  KERATIN_CLASS
  ScheduleFreeAdamW() { learning_rate.value = 0.0025; }

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    return {{"momentum", "velocity"}};
  }
  void build_slots(std::vector<std::vector<VariablePtr>>& slots) override {
    Optimizer::build_slots(slots);
    for (std::size_t i = 0; i < slots.size(); ++i) slots[i][0]->value.assign(weights()[i]->value);
  }
  void prepare(std::int64_t iterations, float rate) override {
    const float t = float(iterations + 1), b1 = float(beta_1), b2 = float(beta_2);
    if (warmup_steps > 0) rate *= std::min(t / float(warmup_steps), 1.0f);
    const float part = 1 / t;
    step_ = {rate, b1, 1 - b1, 1 - b2, float(epsilon), 1 - std::pow(b2, t), part, 1 - part};
  }
  void update(const UpdateRun& run) override {
    kernels::update_schedule_free(step_, run.weight, run.gradient, run.slots[0], run.slots[1],
                                  run.count);
  }

 private:
  kernels::ScheduleFree step_{};
};

const ClassInfo& ScheduleFreeAdamW::describe() {
  static const ClassInfo info = [] {
    using C = ScheduleFreeAdamW;
    ClassInfo c =
        class_info<C>("optimizers", "ScheduleFreeAdamW", "keras.optimizers",
                      "Adam that needs no schedule: weights are drawn to an average of all steps.");
    c.attributes = base_attributes<C>({
        attribute<C>("beta_1", &C::beta_1, "Part of the average in the weights."),
        attribute<C>("beta_2", &C::beta_2, "Part of the squared gradients' mean that is kept."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
        attribute<C>("warmup_steps", &C::warmup_steps, "Steps in which the rate rises.")
            .at_least(0),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ScheduleFreeAdamW);

}  // namespace
}  // namespace keratin
