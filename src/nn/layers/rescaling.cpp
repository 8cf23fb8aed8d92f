#include "nn/layers/layer.h"
#include "nn/numbers.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// inputs * scale + offset, each a number or an array that broadcasts to the inputs.
class Rescaling : public Layer {
 public:
  Numbers scale{1}, offset{0};

  KERATIN_CLASS

  bool supports_masking() const override { return true; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const DType dtype = compute_dtype();
    const Value x = ops::cast(inputs[0], dtype);
    return {x * context.graph.constant(scale.tensor(dtype)) +
            context.graph.constant(offset.tensor(dtype))};
  }
};

const ClassInfo& Rescaling::describe() {
  static const ClassInfo info = [] {
    using C = Rescaling;
    ClassInfo c = class_info<C>("layers", "Rescaling", "keras.layers", "inputs * scale + offset.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(c.attributes.end(), {attribute<C>("scale", &C::scale, "Factor.").required(),
                                             attribute<C>("offset", &C::offset, "What is added.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Rescaling);

}  // namespace
}  // namespace keratin
