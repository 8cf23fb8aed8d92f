#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "nn/schedules/schedule.h"

namespace keratin {
namespace {

// Loshchilov & Hutter 2016, https://arxiv.org/abs/1608.03983, without restarts; before it, where
// warmup_target is given, a straight line from initial_learning_rate to that over warmup_steps.
class CosineDecay : public Schedule {
 public:
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 1;
  double alpha = 0;
  std::optional<double> warmup_target;
  std::int64_t warmup_steps = 0;

  KERATIN_CLASS
  CosineDecay() { name = "CosineDecay"; }

  double at(std::int64_t step) const override {
    const float initial = float(initial_learning_rate), steps = float(decay_steps);
    const float now = float(step);
    if (!warmup_target) return decay(std::min(now, steps), initial);
    const float warm = float(warmup_steps), target = float(*warmup_target);
    if (now < warm) return (target - initial) * (now / warm) + initial;
    return decay(std::min(now, steps + warm) - warm, target);
  }

 private:
  float decay(float now, float from) const {
    const float pi = std::numbers::pi_v<float>;
    const float cosine = 0.5f * (1 + std::cos(pi * (now / float(decay_steps))));
    return from * (float(1 - alpha) * cosine + float(alpha));
  }
};

const ClassInfo& CosineDecay::describe() {
  static const ClassInfo info = [] {
    using C = CosineDecay;
    ClassInfo c = schedule_info<C>(
        "CosineDecay", "The rate falls along half a cosine, perhaps after a linear warmup.");
    c.attributes = {
        attribute<C>("initial_learning_rate", &C::initial_learning_rate, "Rate of the first step.")
            .required(),
        attribute<C>("decay_steps", &C::decay_steps, "Steps of the decay.").required().above(0),
        attribute<C>("alpha", &C::alpha, "Rate at the end, as a fraction of that at the top."),
        attribute<C>("name", &C::name, "Name of the schedule."),
        attribute<C>("warmup_target", &C::warmup_target, "Rate after the warmup; null: none."),
        attribute<C>("warmup_steps", &C::warmup_steps, "Steps of the warmup.").at_least(0),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CosineDecay);

}  // namespace
}  // namespace keratin
