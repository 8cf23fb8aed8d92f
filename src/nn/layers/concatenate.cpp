#include <algorithm>
#include <limits>

#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class Concatenate : public Layer {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS

  std::pair<int, int> input_count() const override { return {1, std::numeric_limits<int>::max()}; }

  bool supports_masking() const override { return true; }

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

  // The masks, widened to their inputs, put together likewise; then where any element counts.
  Value compute_mask(CallContext& context, std::span<const Value> inputs) const override {
    if (std::none_of(context.masks.begin(), context.masks.end(), [](Value m) { return bool(m); }))
      return {};
    std::vector<Value> parts;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Value ones = ops::ones_like(ops::cast(inputs[i], DType::kFloat32));
      Value mask = context.masks[i];
      if (!mask) {
        parts.push_back(ones);
        continue;
      }
      if (mask.rank() < ones.rank()) mask = ops::expand_dims(mask, -1);
      parts.push_back(ops::broadcast_like(mask, ones));
    }
    return ops::max(ops::concatenate(parts, int(axis)), {-1});
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
