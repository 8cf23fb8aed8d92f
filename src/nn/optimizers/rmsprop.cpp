#include "kernels/optimizer_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Hinton's lecture 6e: the gradient over the root of its running mean square; centered: of its
// running variance (Graves 2013, https://arxiv.org/abs/1308.0850).
class RMSprop : public Optimizer {
 public:
  double rho = 0.9, momentum = 0, epsilon = 1e-7;
  bool centered = false;

  KERATIN_CLASS

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    std::vector<std::vector<std::string>> groups = {{"velocity"}};
    if (momentum > 0) groups.push_back({"momentum"});
    if (centered) groups.push_back({"average_gradient"});
    return groups;
  }
  void prepare(std::int64_t /*iterations*/, float rate) override {
    step_ = {.learning_rate = rate,
             .rho = float(rho),
             .one_minus_rho = float(1 - rho),
             .momentum = float(momentum),
             .epsilon = float(epsilon)};
  }
  void update(const UpdateRun& run) override {
    float* const* slot = run.slots;
    float* const mean_square = *slot++;
    float* const velocity = momentum > 0 ? *slot++ : nullptr;
    float* const average = centered ? *slot++ : nullptr;
    kernels::update_rmsprop(step_, run.weight, run.gradient, mean_square, velocity, average,
                            run.count);
  }

 private:
  kernels::RmsProp step_{};
};

const ClassInfo& RMSprop::describe() {
  static const ClassInfo info = [] {
    using C = RMSprop;
    ClassInfo c = class_info<C>("optimizers", "RMSprop", "keras.optimizers",
                                "The gradient divided by the root of its running mean square.");
    c.aliases = {"rmsprop"};
    c.attributes = base_attributes<C>({
        attribute<C>("rho", &C::rho, "Part of the mean square that is kept."),
        attribute<C>("momentum", &C::momentum, "Part of the last increment that is kept."),
        attribute<C>("epsilon", &C::epsilon, "Added under the root."),
        attribute<C>("centered", &C::centered,
                     "Whether the square of the gradient's mean is taken off the mean square."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RMSprop);

}  // namespace
}  // namespace keratin
