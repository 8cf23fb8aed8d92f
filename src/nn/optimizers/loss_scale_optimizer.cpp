#include <cmath>

#include "kernels/optimizer_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// An optimizer whose loss is scaled up, so that small gradients do not vanish: twice as much after
// some steps that went well, half as much after one whose gradients were not finite, which is
// left out.
class LossScaleOptimizer : public Optimizer {
 public:
  OptimizerPtr inner_optimizer;
  double initial_scale = 32768;
  std::int64_t dynamic_growth_steps = 2000;

  KERATIN_CLASS
  LossScaleOptimizer() { learning_rate.value = 0; }

  void configured() override {
    require(inner_optimizer != nullptr,
            "LossScaleOptimizer.inner_optimizer: expected an "
            "optimizer, got null");
    Optimizer::configured();
    inner_optimizer->loss_scale_factor.reset();
  }
  void build(std::vector<VariablePtr> weights, std::vector<ConstraintPtr> constraints) override {
    if (built_) return inner_optimizer->build(std::move(weights), std::move(constraints));
    configured();  // where it was not made by the registry
    counter_ = add_variable("step_counter", Tensor::scalar<std::int32_t>(0));
    scale_ = add_variable("dynamic_scale", Tensor::scalar(float(initial_scale)));
    weights_ = weights;
    inner_optimizer->build(std::move(weights), std::move(constraints));
    for (const VariablePtr& v : inner_optimizer->variables()) variables_.push_back(v);
    built_ = true;
  }
  void apply(std::span<float* const> gradients) override {
    if (!built_) fail(Code::kState, "the optimizer '", name, "' was not built");
    std::int32_t& counter = *counter_->value.data<std::int32_t>();
    float& scale = *scale_->value.data<float>();
    if (!are_finite(gradients)) {
      counter = 0;
      scale *= 0.5f;
      return;
    }
    for (std::size_t i = 0; i < gradients.size(); ++i)
      kernels::scale_and_divide(gradients[i], 1, scale, weights()[i]->value.size());
    inner_optimizer->apply(gradients);
    if (counter == dynamic_growth_steps - 1) {
      counter = 0;
      scale *= 2;
    } else {
      ++counter;
    }
  }

  std::int64_t iterations() const override { return inner_optimizer->iterations(); }
  double current_learning_rate() const override {
    return inner_optimizer ? inner_optimizer->current_learning_rate() : 0;
  }
  void set_learning_rate(double value) override { inner_optimizer->set_learning_rate(value); }
  void finalize_weights() override { inner_optimizer->finalize_weights(); }
  VariablePtr dynamic_loss_scale() const override { return scale_; }
  std::vector<std::pair<std::string, OptimizerPtr>> parts() const override {
    return {{"inner_optimizer", inner_optimizer}};
  }

 protected:
  void update(const UpdateRun& /*run*/) override {}  // the inner one's

 private:
  bool are_finite(std::span<float* const> gradients) const {
    for (std::size_t i = 0; i < gradients.size(); ++i)
      for (std::int64_t k = 0; k < weights()[i]->value.size(); ++k)
        if (!std::isfinite(gradients[i][k])) return false;
    return true;
  }

  VariablePtr counter_, scale_;
};

const ClassInfo& LossScaleOptimizer::describe() {
  static const ClassInfo info = [] {
    using C = LossScaleOptimizer;
    ClassInfo c =
        class_info<C>("optimizers", "LossScaleOptimizer", "keras.optimizers",
                      "An optimizer whose loss is scaled, so that gradients do not vanish.");
    c.attributes = {
        attribute<C>("inner_optimizer", &C::inner_optimizer, "Moves the weights.").required(),
        attribute<C>("initial_scale", &C::initial_scale,
                     "By which the loss is multiplied at first.")
            .above(0),
        attribute<C>("dynamic_growth_steps", &C::dynamic_growth_steps,
                     "Steps with finite gradients after which the scale is doubled.")
            .at_least(1),
        name_attribute(attribute<C>("name", &C::name, "Name; made from the class if null.")),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LossScaleOptimizer);

}  // namespace
}  // namespace keratin
