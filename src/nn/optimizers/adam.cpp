#include "kernels/optimizer_updates.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {
namespace {

// Kingma & Ba 2014, https://arxiv.org/abs/1412.6980, epsilon outside the bias correction; AMSGrad
// after Reddi, Kale & Kumar 2018, https://arxiv.org/abs/1904.09237.
class Adam : public Optimizer {
 public:
  double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  bool amsgrad = false;

  KERATIN_CLASS

 protected:
  template <class C>
  static std::vector<Attribute> adam_attributes() {
    return {
        attribute<C>("beta_1", &C::beta_1, "Part of the gradients' mean that is kept."),
        attribute<C>("beta_2", &C::beta_2, "Part of the squared gradients' mean that is kept."),
        attribute<C>("epsilon", &C::epsilon, "Added to the denominator."),
        attribute<C>("amsgrad", &C::amsgrad,
                     "Whether the largest mean of squares so far is divided by."),
    };
  }

  std::vector<std::vector<std::string>> slot_groups() const override {
    std::vector<std::vector<std::string>> groups = {{"momentum", "velocity"}};
    if (amsgrad) groups.push_back({"velocity_hat"});
    return groups;
  }
  void prepare(std::int64_t iterations, float rate) override {
    step_ = kernels::Adam::at(iterations, rate, beta_1, beta_2, epsilon);
  }
  void update(const UpdateRun& run) override {
    kernels::update_adam(step_, run.weight, run.gradient, run.slots[0], run.slots[1],
                         amsgrad ? run.slots[2] : nullptr, run.count);
  }

 private:
  kernels::Adam step_{};
};

const ClassInfo& Adam::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<Adam>("optimizers", "Adam", "keras.optimizers",
                                   "Gradient descent by running means of the gradient and of its "
                                   "square.");
    c.attributes = base_attributes<Adam>(adam_attributes<Adam>());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Adam);

// Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101: Adam with weight decay, which is not
// part of the gradient.
class AdamW : public Adam {
 public:
  KERATIN_CLASS
  AdamW() { weight_decay = 0.004; }

  void configured() override {
    Adam::configured();
    require(weight_decay.has_value(), "AdamW.weight_decay: expected a number, got null");
  }
};

const ClassInfo& AdamW::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<AdamW>("optimizers", "AdamW", "keras.optimizers",
                                    "Adam with decoupled weight decay.");
    c.aliases = {"adamw"};
    std::vector<Attribute> own = adam_attributes<AdamW>();
    own.insert(own.begin(),
               attribute<AdamW>("weight_decay", &AdamW::weight_decay,
                                "Part of each weight, times the rate, taken off before each "
                                "update."));
    c.attributes = base_attributes<AdamW>(std::move(own));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(AdamW);

}  // namespace
}  // namespace keratin
