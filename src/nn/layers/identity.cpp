// Layers that give back their input: Identity, and ActivityRegularization, which adds to the loss.
#include "nn/layers/layer.h"

namespace keratin {
namespace {

class Identity : public Layer {
 public:
  KERATIN_CLASS
  bool autocast() const override { return true; }
  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    return {inputs[0]};
  }
  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
  }
};

const ClassInfo& Identity::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<Identity>("layers", "Identity", "keras.layers", "Its input.");
    c.attributes = base_attributes<Identity>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Identity);

// Adds l1 sum|x| + l2 sum x^2 to the loss, over the batch size.
class ActivityRegularization : public Layer {
 public:
  double l1 = 0, l2 = 0;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
    activity_regularizer = std::static_pointer_cast<Regularizer>(
        create("regularizers", "L1L2", {{"l1", l1}, {"l2", l2}}));
  }
  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    return {inputs[0]};
  }
};

const ClassInfo& ActivityRegularization::describe() {
  static const ClassInfo info = [] {
    using C = ActivityRegularization;
    ClassInfo c = class_info<C>("layers", "ActivityRegularization", "keras.layers",
                                "Its input, whose size adds to the loss.");
    c.attributes = base_attributes<C>();
    c.attributes.pop_back();  // the activity regularizer: made of what follows
    c.attributes.insert(c.attributes.end(),
                        {attribute<C>("l1", &C::l1, "Factor of the sum of magnitudes."),
                         attribute<C>("l2", &C::l2, "Factor of the sum of squares.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ActivityRegularization);

}  // namespace
}  // namespace keratin
