#include "nn/layers/layer.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// [batch, width] -> [batch, n, width].
class RepeatVector : public Layer {
 public:
  std::int64_t n = 1;

  KERATIN_CLASS

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    require(inputs[0].rank() == 2, "expected an input of rank 2, got shape ",
            to_string(inputs[0].shape()));
    const Value one = ops::expand_dims(inputs[0], 1);
    return {ops::concatenate(std::vector<Value>(std::size_t(n), one), 1)};
  }
};

const ClassInfo& RepeatVector::describe() {
  static const ClassInfo info = [] {
    using C = RepeatVector;
    ClassInfo c = class_info<C>("layers", "RepeatVector", "keras.layers",
                                "Each sample a number of times, along a new axis.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("n", &C::n, "How many times.").required().above(0));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RepeatVector);

}  // namespace
}  // namespace keratin
