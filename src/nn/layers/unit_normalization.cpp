#include "nn/axes.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// x over its Euclidean norm along one axis or several.
class UnitNormalization : public Layer {
 public:
  Axes axis{{-1}, false};

  KERATIN_CLASS

  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext&, std::span<const Value> inputs) override {
    const Value x = inputs[0];
    std::vector<int> axes;
    for (const std::int64_t a : axis.values) axes.push_back(normalize_axis(a, x.rank()));
    const Value inverse = ops::rsqrt(ops::sum(ops::square(x), axes, true));
    return {x * ops::minimum(inverse, 1e12)};
  }

  void configured() override {
    Layer::configured();
    ensure_built({});  // built from the start, as in Keras
  }
};

const ClassInfo& UnitNormalization::describe() {
  static const ClassInfo info = [] {
    using C = UnitNormalization;
    ClassInfo c = class_info<C>("layers", "UnitNormalization", "keras.layers",
                                "Divides by the Euclidean norm.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(attribute<C>("axis", &C::axis, "The axis or axes of the norm."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(UnitNormalization);

}  // namespace
}  // namespace keratin
