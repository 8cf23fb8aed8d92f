#include <algorithm>
#include <cmath>

#include "nn/schedules/schedule.h"

namespace keratin {
namespace {

// (initial - end) * (1 - step / decay_steps) ^ power + end
class PolynomialDecay : public Schedule {
 public:
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 1;
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;

  KERATIN_CLASS
  PolynomialDecay() { name = "PolynomialDecay"; }

  double at(std::int64_t step) const override {
    float now = float(step), steps = float(decay_steps);
    const float end = float(end_learning_rate);
    if (cycle)
      steps *= now == 0 ? 1 : std::ceil(now / steps);
    else
      now = std::min(now, steps);
    const float p = now / steps;
    return (float(initial_learning_rate) - end) * std::pow(1 - p, float(power)) + end;
  }
};

const ClassInfo& PolynomialDecay::describe() {
  static const ClassInfo info = [] {
    using C = PolynomialDecay;
    ClassInfo c = schedule_info<C>("PolynomialDecay",
                                   "The rate falls to end_learning_rate along a power of the time "
                                   "that is left.");
    c.attributes = {
        attribute<C>("initial_learning_rate", &C::initial_learning_rate, "Rate of the first step.")
            .required(),
        attribute<C>("decay_steps", &C::decay_steps, "Steps until the end.").required().above(0),
        attribute<C>("end_learning_rate", &C::end_learning_rate, "Rate from the end on."),
        attribute<C>("power", &C::power, "Exponent; 1: linear."),
        attribute<C>("cycle", &C::cycle, "Whether it begins anew, over a longer time, at the end."),
        attribute<C>("name", &C::name, "Name of the schedule."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(PolynomialDecay);

}  // namespace
}  // namespace keratin
