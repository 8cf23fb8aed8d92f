#include <limits>

#include "nn/layers/layer.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class Concatenate : public Layer {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS

  std::pair<int, int> input_count() const override { return {1, std::numeric_limits<int>::max()}; }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    const Shape& first = inputs[0].shape();
    const int along = normalize_axis(axis, first.size());
    for (const Value& input : inputs) {
      Shape rest = input.shape();
      if (rest.size() == first.size()) rest[std::size_t(along)] = first[std::size_t(along)];
      require(compatible(rest, first), "expected inputs of equal shapes but for axis ", axis,
              ", got ", to_string(first), " and ", to_string(input.shape()));
    }
    return {ops::concatenate({inputs.begin(), inputs.end()}, along)};
  }
};

const ClassInfo& Concatenate::describe() {
  static const ClassInfo info = [] {
    using C = Concatenate;
    ClassInfo c = class_info<C>("layers", "Concatenate", "keras.layers",
                                "Puts its inputs one after another along an axis.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("axis", &C::axis, "The axis, the batch's being 0."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Concatenate);

}  // namespace
}  // namespace keratin
