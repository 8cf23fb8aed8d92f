#include <algorithm>

#include "nn/layers/layer.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// [batch, ...] -> [batch, *target_shape]; one extent of the target may be -1.
class Reshape : public Layer {
 public:
  std::vector<std::int64_t> target_shape;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
    require(std::count(target_shape.begin(), target_shape.end(), -1) <= 1, "layer '", name,
            "' (Reshape): at most one extent of target_shape can be -1, got ",
            Json(target_shape).dump());
  }

  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    const Shape& given = inputs[0].shape();
    require(!given.empty(), "expected an input with a batch axis, got a scalar");
    const std::int64_t size = element_count(Shape(given.begin() + 1, given.end()));
    Shape target = target_shape;
    const auto open = std::find(target.begin(), target.end(), -1);
    if (open != target.end()) {
      *open = 1;
      const std::int64_t known = element_count(target);
      *open = known && size % known == 0 ? size / known : 0;
    }
    require(element_count(target) == size, "cannot make ", Json(target_shape).dump(), " of ",
            to_string(given), ", which has ", size, " elements");
    target.insert(target.begin(), given[0]);
    return {ops::reshape(inputs[0], target)};
  }
};

const ClassInfo& Reshape::describe() {
  static const ClassInfo info = [] {
    using C = Reshape;
    ClassInfo c = class_info<C>("layers", "Reshape", "keras.layers",
                                "Gives each sample another shape of as many elements.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("target_shape", &C::target_shape,
                     "Shape without the batch axis; one extent may be -1, for what is left.")
            .required()
            .at_least(-1));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Reshape);

}  // namespace
}  // namespace keratin
