#include "nn/layers/layer.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// x above 0, alpha * x below, with an alpha that is learned, He et al. 2015.
class PReLU : public Layer {
 public:
  InitializerPtr alpha_initializer = zeros();
  RegularizerPtr alpha_regularizer;
  ConstraintPtr alpha_constraint;
  std::optional<std::vector<std::int64_t>> shared_axes;

  KERATIN_CLASS

  void build(std::span<const Shape> inputs) override {
    const Shape& shape = inputs[0];
    require(!shape.empty(), "expected an input with a batch axis, got a scalar");
    Shape alpha(shape.begin() + 1, shape.end());
    for (const std::int64_t axis : shared_axes.value_or(std::vector<std::int64_t>{})) {
      const int at = normalize_axis(axis, shape.size());
      require(at > 0, "shared_axes: the batch axis has no alpha to share");
      alpha[std::size_t(at) - 1] = 1;
    }
    alpha_ =
        add_weight("alpha", alpha, alpha_initializer, true, alpha_regularizer, alpha_constraint);
  }

  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = inputs[0];
    return {ops::relu(x) - context.graph.variable(alpha_) * ops::relu(-x)};
  }

 private:
  VariablePtr alpha_;
};

const ClassInfo& PReLU::describe() {
  static const ClassInfo info = [] {
    using C = PReLU;
    ClassInfo c = class_info<C>("layers", "PReLU", "keras.layers",
                                "x above 0, alpha * x below, with an alpha that is learned.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("alpha_initializer", &C::alpha_initializer, "Of alpha."),
         attribute<C>("alpha_regularizer", &C::alpha_regularizer, "Penalty on alpha."),
         attribute<C>("alpha_constraint", &C::alpha_constraint, "Projection of alpha."),
         attribute<C>("shared_axes", &C::shared_axes,
                      "Axes along which one alpha serves all; null: none.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(PReLU);

}  // namespace
}  // namespace keratin
