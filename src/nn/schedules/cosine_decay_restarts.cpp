#include <cmath>
#include <numbers>

#include "nn/schedules/schedule.h"

namespace keratin {
namespace {

// Loshchilov & Hutter 2016, https://arxiv.org/abs/1608.03983: cosine decay that begins anew, each
// period t_mul times as long and starting at m_mul times the rate of the one before.
class CosineDecayRestarts : public Schedule {
 public:
  double initial_learning_rate = 0;
  std::int64_t first_decay_steps = 1;
  double t_mul = 2, m_mul = 1, alpha = 0;

  KERATIN_CLASS
  CosineDecayRestarts() { name = "SGDRDecay"; }

  double at(std::int64_t step) const override {
    const float t = float(t_mul), a = float(alpha);
    float fraction = float(step) / float(first_decay_steps), period;
    if (t == 1) {
      period = std::floor(fraction);
      fraction -= period;
    } else {  // the periods' lengths are a geometric series
      period = std::floor(std::log(1 - fraction * (1 - t)) / std::log(t));
      const float length = std::pow(t, period);
      fraction = (fraction - (1 - length) / (1 - t)) / length;
    }
    const float top = std::pow(float(m_mul), period);
    const float cosine = 0.5f * top * (1 + std::cos(std::numbers::pi_v<float> * fraction));
    return float(initial_learning_rate) * ((1 - a) * cosine + a);
  }
};

const ClassInfo& CosineDecayRestarts::describe() {
  static const ClassInfo info = [] {
    using C = CosineDecayRestarts;
    ClassInfo c = schedule_info<C>("CosineDecayRestarts",
                                   "The rate falls along half a cosine, again and again.");
    c.attributes = {
        attribute<C>("initial_learning_rate", &C::initial_learning_rate, "Rate of the first step.")
            .required(),
        attribute<C>("first_decay_steps", &C::first_decay_steps, "Steps of the first period.")
            .required()
            .above(0),
        attribute<C>("t_mul", &C::t_mul, "Length of a period over that of the one before."),
        attribute<C>("m_mul", &C::m_mul, "First rate of a period over that of the one before."),
        attribute<C>("alpha", &C::alpha, "Lowest rate, as a fraction of the first."),
        attribute<C>("name", &C::name, "Name of the schedule."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CosineDecayRestarts);

}  // namespace
}  // namespace keratin
