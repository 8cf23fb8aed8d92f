#include <cmath>

#include "nn/schedules/schedule.h"

namespace keratin {
namespace {

// initial_learning_rate / (1 + decay_rate * step / decay_steps)
class InverseTimeDecay : public Schedule {
 public:
  double initial_learning_rate = 0;
  std::int64_t decay_steps = 1;
  double decay_rate = 0;
  bool staircase = false;

  KERATIN_CLASS
  InverseTimeDecay() { name = "InverseTimeDecay"; }

  double at(std::int64_t step) const override {
    float p = float(step) / float(decay_steps);
    if (staircase) p = std::floor(p);
    return float(initial_learning_rate) / (1 + float(decay_rate) * p);
  }
};

const ClassInfo& InverseTimeDecay::describe() {
  static const ClassInfo info = [] {
    using C = InverseTimeDecay;
    ClassInfo c = schedule_info<C>("InverseTimeDecay",
                                   "The rate falls with the inverse of the number of steps.");
    c.attributes = {
        attribute<C>("initial_learning_rate", &C::initial_learning_rate, "Rate of the first step.")
            .required(),
        attribute<C>("decay_steps", &C::decay_steps, "Steps over which decay_rate applies once.")
            .required()
            .above(0),
        attribute<C>("decay_rate", &C::decay_rate, "How fast the rate falls.").required(),
        attribute<C>("staircase", &C::staircase, "Whether the rate changes at intervals only."),
        attribute<C>("name", &C::name, "Name of the schedule."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(InverseTimeDecay);

}  // namespace
}  // namespace keratin
