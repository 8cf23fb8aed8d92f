#include "nn/layers/layer.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// Of keras.applications' InceptionResNetV2: the first input and a part of the second.
class CustomScaleLayer : public Layer {
 public:
  double scale = 0;

  KERATIN_CLASS

  std::pair<int, int> input_count() const override { return {2, 2}; }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    return {inputs[0] + inputs[1] * scale};
  }
};

const ClassInfo& CustomScaleLayer::describe() {
  static const ClassInfo info = [] {
    using C = CustomScaleLayer;
    ClassInfo c =
        class_info<C>("layers", "CustomScaleLayer", "keras.src.applications.inception_resnet_v2",
                      "Adds a second input that is scaled.");
    c.registered_name = "CustomScaleLayer";
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("scale", &C::scale, "Factor of the second input.").required());
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CustomScaleLayer);

}  // namespace
}  // namespace keratin
