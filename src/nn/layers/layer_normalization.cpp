#include <algorithm>

#include "nn/axes.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance being each sample's own,
// over one or several axes, Ba et al. 2016.
class LayerNormalization : public Layer {
 public:
  Axes axis{{-1}, false};  // a sorted list once built, as Keras has it
  double epsilon = 1e-3;
  bool center = true, scale = true, rms_scaling = false;
  InitializerPtr beta_initializer = zeros(), gamma_initializer = ones();
  RegularizerPtr beta_regularizer, gamma_regularizer;
  ConstraintPtr beta_constraint, gamma_constraint;

  KERATIN_CLASS

  void build(std::span<const Shape> inputs) override {
    const Shape& shape = inputs[0];
    axis.is_list = true;
    std::sort(axis.values.begin(), axis.values.end());
    Shape extents;
    for (const std::int64_t a : axis.values)
      extents.push_back(shape[std::size_t(normalize_axis(a, shape.size()))]);
    if (scale || rms_scaling)
      gamma_ = add_weight("gamma", extents, gamma_initializer, true, gamma_regularizer,
                          gamma_constraint);
    if (center && !rms_scaling)
      beta_ =
          add_weight("beta", extents, beta_initializer, true, beta_regularizer, beta_constraint);
  }

  bool supports_masking() const override { return true; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = ops::cast(inputs[0], compute_dtype());
    const Shape& built = build_shapes()[0];
    std::vector<int> axes;
    Shape weight_shape(built.size(), 1);
    for (const std::int64_t a : axis.values) {
      axes.push_back(normalize_axis(a, built.size()));
      weight_shape[std::size_t(axes.back())] = built[std::size_t(axes.back())];
    }
    require(compatible(x.shape(), built), "expected an input of shape ", to_string(built), ", got ",
            to_string(x.shape()));
    const auto weight = [&](const VariablePtr& variable) {
      return ops::reshape(context.graph.variable(variable), weight_shape);
    };

    const auto [mean, variance] = ops::moments(x, axes, true);
    Value factor = ops::rsqrt(variance + epsilon);
    if (rms_scaling) return {x * factor * weight(gamma_)};
    if (scale) factor = factor * weight(gamma_);
    Value offset = -mean * factor;
    if (center) offset = offset + weight(beta_);
    return {x * factor + offset};
  }

 private:
  VariablePtr gamma_, beta_;
};

const ClassInfo& LayerNormalization::describe() {
  static const ClassInfo info = [] {
    using C = LayerNormalization;
    ClassInfo c = class_info<C>("layers", "LayerNormalization", "keras.layers",
                                "Normalises each sample, then scales and shifts.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {
            attribute<C>("axis", &C::axis, "The axes over which mean and variance are taken."),
            attribute<C>("epsilon", &C::epsilon, "Added to the variance."),
            attribute<C>("center", &C::center, "Whether there is a beta."),
            attribute<C>("scale", &C::scale, "Whether there is a gamma."),
            attribute<C>("rms_scaling", &C::rms_scaling,
                         "Whether only the variance is normalised (deprecated in Keras)."),
            attribute<C>("beta_initializer", &C::beta_initializer, "Of beta."),
            attribute<C>("gamma_initializer", &C::gamma_initializer, "Of gamma."),
            attribute<C>("beta_regularizer", &C::beta_regularizer, "Penalty on beta."),
            attribute<C>("gamma_regularizer", &C::gamma_regularizer, "Penalty on gamma."),
            attribute<C>("beta_constraint", &C::beta_constraint, "Projection of beta."),
            attribute<C>("gamma_constraint", &C::gamma_constraint, "Projection of gamma."),
        });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LayerNormalization);

}  // namespace
}  // namespace keratin
