#include "kernels/optimizer_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Gradient descent, with (Nesterov's) momentum if that is not 0.
class SGD : public Optimizer {
 public:
  double momentum = 0;
  bool nesterov = false;

  KERATIN_CLASS
  SGD() { learning_rate.value = 0.01; }

 protected:
  std::vector<std::vector<std::string>> slot_groups() const override {
    if (momentum == 0) return {};
    return {{"momentum"}};
  }
  void prepare(std::int64_t /*iterations*/, float rate) override {
    step_ = {.learning_rate = rate, .momentum = float(momentum), .nesterov = nesterov};
  }
  void update(const UpdateRun& run) override {
    float* const velocity = momentum == 0 ? nullptr : run.slots[0];
    kernels::update_sgd(step_, run.weight, run.gradient, velocity, run.count);
  }

 private:
  kernels::Sgd step_{};
};

const ClassInfo& SGD::describe() {
  static const ClassInfo info = [] {
    using C = SGD;
    ClassInfo c =
        class_info<C>("optimizers", "SGD", "keras.optimizers",
                      "Gradient descent, perhaps with momentum: "
                      "velocity = momentum * velocity - rate * gradient is added to the weight.");
    c.attributes = base_attributes<C>({
        attribute<C>("momentum", &C::momentum, "Part of the velocity that is kept; 0: none.")
            .at_least(0)
            .at_most(1),
        attribute<C>("nesterov", &C::nesterov, "Whether the gradient is taken one step ahead."),
    });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SGD);

}  // namespace
}  // namespace keratin
