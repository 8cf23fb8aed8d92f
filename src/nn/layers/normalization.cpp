#include "nn/layers/normalization.h"

#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin {

void Normalization::configured() {
  Layer::configured();
  if (!axis) axis.emplace();
  require(mean.has_value() == variance.has_value(), "layer '", name,
          "' (Normalization): give both mean and variance, or neither");
  if (!mean) return;
  const Shape mean_shape = mean->tensor(DType::kFloat64).shape();
  const Shape variance_shape = variance->tensor(DType::kFloat64).shape();
  require(mean_shape == variance_shape, "layer '", name,
          "' (Normalization): mean and variance have the shapes ", to_string(mean_shape), " and ",
          to_string(variance_shape), "; expected equal ones");
  require(mean_shape.size() <= axis->size(), "layer '", name, "' (Normalization): a mean of rank ",
          mean_shape.size(), " is too much for ", axis->size(), " axes");
}

void Normalization::build(std::span<const Shape> inputs) {
  const Shape& shape = inputs[0];
  kept_.assign(shape.size(), false);
  for (const std::int64_t a : *axis) kept_[std::size_t(normalize_axis(a, shape.size()))] = true;
  broadcast_shape_.assign(shape.size(), 1);
  Shape kept_shape;
  for (std::size_t a = 0; a < shape.size(); ++a)
    if (kept_[a]) {
      require(shape[a] != kUnknown, "axis ", a, " of the input ", to_string(shape),
              " must be known to be normalised by itself");
      broadcast_shape_[a] = shape[a];
      kept_shape.push_back(shape[a]);
    }
  if (mean) return;
  mean_ = add_weight("mean", kept_shape, zeros(), false);
  variance_ = add_weight("variance", kept_shape, ones(), false);
  add_weight("count", {}, zeros(), false, {}, {}, DType::kInt32);  // unused; Keras' files have it
}

std::vector<Value> Normalization::call(CallContext& context, std::span<const Value> inputs) {
  const Value x = ops::cast(inputs[0], compute_dtype());
  require(x.rank() == kept_.size(), "expected an input of rank ", kept_.size(), ", got shape ",
          to_string(x.shape()));
  // Given arrays are aligned with the kept axes from the right, whose order is the input's.
  const auto value = [&](const VariablePtr& learned, const std::optional<Numbers>& given) {
    if (!given) return ops::reshape(context.graph.variable(learned), broadcast_shape_);
    const Tensor tensor = given->tensor(x.dtype());
    Shape aligned(x.rank(), 1);
    std::size_t a = x.rank();
    for (std::size_t i = tensor.shape().size(); i-- > 0;) {
      while (!kept_[--a]) {
      }
      aligned[a] = tensor.shape()[i];
      require(aligned[a] == 1 || aligned[a] == broadcast_shape_[a], "mean and variance of shape ",
              to_string(tensor.shape()), " do not fit the input ", to_string(x.shape()));
    }
    return context.graph.constant(tensor.reshaped(aligned));
  };
  const Value center = value(mean_, mean);
  const Value spread = ops::maximum(ops::sqrt(value(variance_, variance)), 1e-7);
  return {invert ? center + x * spread : (x - center) / spread};
}

void Normalization::adapt(const Tensor& data) {
  if (mean) fail(Code::kState, "layer '", name, "' (Normalization): mean and variance are given");
  const Shape& shape = data.shape();
  require(data.size() > 0, "layer '", name, "' (Normalization): no data to adapt to");
  Shape symbolic = shape;
  bool keeps_batch = false;
  for (const std::int64_t a : *axis) keeps_batch |= normalize_axis(a, shape.size()) == 0;
  if (!keeps_batch) symbolic[0] = kUnknown;
  ensure_built({&symbolic, 1});
  bool fits = shape.size() == kept_.size();
  for (std::size_t a = 0; fits && a < shape.size(); ++a)
    fits = !kept_[a] || shape[a] == broadcast_shape_[a];
  require(fits, "layer '", name, "' (Normalization): was built for ", to_string(build_shapes()[0]),
          ", the data to adapt to has the shape ", to_string(shape));

  // Strides into the learned arrays; 0 along axes that are averaged over.
  std::vector<std::int64_t> strides(shape.size(), 0);
  std::int64_t groups = 1;
  for (std::size_t a = shape.size(); a-- > 0;)
    if (kept_[a]) {
      strides[a] = groups;
      groups *= shape[a];
    }
  const auto each = [&](auto&& fn) {
    for (std::int64_t i = 0; i < data.size(); ++i) {
      std::int64_t rest = i, group = 0;
      for (std::size_t a = shape.size(); a-- > 0; rest /= shape[a])
        group += rest % shape[a] * strides[a];
      fn(i, std::size_t(group));
    }
  };
  const Tensor values = data.as(DType::kFloat64);
  const double* x = values.data<double>();
  const std::int64_t in_group = data.size() / groups;
  const auto count = static_cast<double>(in_group);
  std::vector<double> means(std::size_t(groups), 0), variances(std::size_t(groups), 0);
  each([&](std::int64_t i, std::size_t group) { means[group] += x[i] / count; });
  each([&](std::int64_t i, std::size_t group) {
    variances[group] += (x[i] - means[group]) * (x[i] - means[group]) / count;
  });
  const auto store = [](const VariablePtr& variable, const std::vector<double>& from) {
    variable->value.assign(
        Tensor::of<double>(variable->value.shape(), from).as(variable->value.dtype()));
  };
  store(mean_, means);
  store(variance_, variances);
}

const ClassInfo& Normalization::describe() {
  static const ClassInfo info = [] {
    using C = Normalization;
    ClassInfo c = class_info<C>("layers", "Normalization", "keras.layers",
                                "Standardises data by its mean and variance.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("axis", &C::axis, "Axes with a mean of their own; null: one for all."),
         attribute<C>("invert", &C::invert, "Whether to undo the standardisation."),
         attribute<C>("mean", &C::mean, "Given means; null: learned."),
         attribute<C>("variance", &C::variance, "Given variances; null: learned.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Normalization);

}  // namespace keratin
