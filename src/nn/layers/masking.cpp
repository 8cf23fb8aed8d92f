#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// Leaves out the steps of which every element is mask_value: they become 0, and its mask says so.
class Masking : public Layer {
 public:
  double mask_value = 0;

  KERATIN_CLASS

  bool supports_masking() const override { return true; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = inputs[0];
    require(x.rank() >= 2, "expected an input of rank 2 or more, got shape ", to_string(x.shape()));
    const Value other = 1.0 - ops::equal(x, mask_value);
    const Value counts = ops::max(other, {-1}, true);
    const Value kept = ops::where(ops::broadcast_like(counts, x), x, 0.0);
    context.set_mask(kept, ops::cast(ops::max(other, {-1}), DType::kFloat32));
    return {kept};
  }

  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
  }
};

const ClassInfo& Masking::describe() {
  static const ClassInfo info = [] {
    using C = Masking;
    ClassInfo c = class_info<C>("layers", "Masking", "keras.layers",
                                "Masks the steps of which all elements are mask_value.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("mask_value", &C::mask_value, "What is left out."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Masking);

}  // namespace
}  // namespace keratin
