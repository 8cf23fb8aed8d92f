#include <algorithm>

#include "nn/axes.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// scale x / sqrt(mean(x^2) + epsilon) over one axis or several, Zhang & Sennrich 2019.
class RMSNormalization : public Layer {
 public:
  Axes axis{{-1}, false};  // a list once built, as Keras has it
  double epsilon = 1e-6;

  KERATIN_CLASS

  void build(std::span<const Shape> inputs) override {
    const Shape& shape = inputs[0];
    axis.is_list = true;
    std::sort(axis.values.begin(), axis.values.end());
    Shape extents;
    for (const std::int64_t a : axis.values)
      extents.push_back(shape[std::size_t(normalize_axis(a, shape.size()))]);
    scale_ = add_weight("scale", extents, ones());
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = inputs[0];
    std::vector<int> axes;
    for (const std::int64_t a : axis.values) axes.push_back(normalize_axis(a, x.rank()));
    const Value size = ops::mean(ops::square(x), axes, true);
    return {x * ops::rsqrt(size + epsilon) * context.graph.variable(scale_)};
  }

 private:
  VariablePtr scale_;
};

const ClassInfo& RMSNormalization::describe() {
  static const ClassInfo info = [] {
    using C = RMSNormalization;
    ClassInfo c = class_info<C>("layers", "RMSNormalization", "keras.layers",
                                "Divides by the root of the mean square, then scales.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(c.attributes.end(),
                        {attribute<C>("axis", &C::axis, "The axis or axes of the mean."),
                         attribute<C>("epsilon", &C::epsilon, "Added to the mean square.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(RMSNormalization);

}  // namespace
}  // namespace keratin
