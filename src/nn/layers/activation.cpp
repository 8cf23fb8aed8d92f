#include "nn/activations/activation.h"

#include "nn/layers/layer.h"

namespace keratin {
namespace {

class ActivationLayer : public Layer {
 public:
  ActivationPtr activation;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
    if (!activation) activation = linear();
  }

  bool supports_masking() const override { return true; }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    return {activate(activation, inputs[0])};
  }
};

const ClassInfo& ActivationLayer::describe() {
  static const ClassInfo info = [] {
    using C = ActivationLayer;
    ClassInfo c =
        class_info<C>("layers", "Activation", "keras.layers", "Applies an activation function.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("activation", &C::activation, "The function.").required());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ActivationLayer);

}  // namespace
}  // namespace keratin
