#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance being those of a sample's
// group of channels, Wu & He 2018.
class GroupNormalization : public Layer {
 public:
  std::int64_t groups = 32, axis = -1;  // -1 groups: one for each channel
  double epsilon = 1e-3;
  bool center = true, scale = true;
  InitializerPtr beta_initializer = zeros(), gamma_initializer = ones();
  RegularizerPtr beta_regularizer, gamma_regularizer;
  ConstraintPtr beta_constraint, gamma_constraint;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    require(groups > 0 || groups == -1, "layer '", name,
            "' (GroupNormalization): expected groups above 0, or -1, got ", groups);
  }

  void build(std::span<const Shape> inputs) override {
    const Shape& shape = inputs[0];
    const int along = normalize_axis(axis, shape.size());
    const std::int64_t width = shape[std::size_t(along)];
    require(along > 0 && width != kUnknown, "axis ", axis, " of the input ", to_string(shape),
            " must be known, and not the batch");
    if (groups == -1) groups = width;
    require(width % groups == 0, width, " channels cannot be cut into ", groups, " groups");
    if (scale)
      gamma_ = add_weight("gamma", {width}, gamma_initializer, true, gamma_regularizer,
                          gamma_constraint);
    if (center)
      beta_ =
          add_weight("beta", {width}, beta_initializer, true, beta_regularizer, beta_constraint);
  }

  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value given = ops::cast(inputs[0], compute_dtype());
    const auto along = std::size_t(normalize_axis(axis, build_shapes()[0].size()));
    require(compatible(given.shape(), build_shapes()[0]), "expected an input of shape ",
            to_string(build_shapes()[0]), ", got ", to_string(given.shape()));
    // The channels as [groups, channels of a group].
    Shape shape = given.shape();
    shape[along] /= groups;
    shape.insert(shape.begin() + std::ptrdiff_t(along), groups);
    Shape weight_shape(shape.size(), 1);
    weight_shape[along] = groups;
    weight_shape[along + 1] = shape[along + 1];
    const auto weight = [&](const VariablePtr& variable) {
      return ops::reshape(context.graph.variable(variable), weight_shape);
    };
    std::vector<int> over;
    for (int i = 1; i < int(shape.size()); ++i)
      if (i != int(along)) over.push_back(i);

    const Value x = ops::reshape(given, shape);
    const auto [mean, variance] = ops::moments(x, over, true);
    Value factor = ops::rsqrt(variance + epsilon);
    if (scale) factor = factor * weight(gamma_);
    Value offset = -mean * factor;
    if (center) offset = offset + weight(beta_);
    return {ops::reshape(x * factor + offset, given.shape())};
  }

 private:
  VariablePtr gamma_, beta_;
};

const ClassInfo& GroupNormalization::describe() {
  static const ClassInfo info = [] {
    using C = GroupNormalization;
    ClassInfo c = class_info<C>("layers", "GroupNormalization", "keras.layers",
                                "Normalises groups of channels of each sample.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("groups", &C::groups, "Number of groups; -1: as many as channels."),
         attribute<C>("axis", &C::axis, "The axis of the channels."),
         attribute<C>("epsilon", &C::epsilon, "Added to the variance."),
         attribute<C>("center", &C::center, "Whether there is a beta."),
         attribute<C>("scale", &C::scale, "Whether there is a gamma."),
         attribute<C>("beta_initializer", &C::beta_initializer, "Of beta."),
         attribute<C>("gamma_initializer", &C::gamma_initializer, "Of gamma."),
         attribute<C>("beta_regularizer", &C::beta_regularizer, "Penalty on beta."),
         attribute<C>("gamma_regularizer", &C::gamma_regularizer, "Penalty on gamma."),
         attribute<C>("beta_constraint", &C::beta_constraint, "Projection of beta."),
         attribute<C>("gamma_constraint", &C::gamma_constraint, "Projection of gamma.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(GroupNormalization);

}  // namespace
}  // namespace keratin
