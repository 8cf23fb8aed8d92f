#include <cmath>

#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// gamma (x - mean) / sqrt(variance + epsilon) + beta along one axis, Ioffe & Szegedy 2015: in
// training with mean and (biased) variance of the batch, else, or where the layer is not trainable,
// with moving averages of them. With renorm, the batch's are corrected towards the averages, Ioffe
// 2017.
class BatchNormalization : public Layer {
 public:
  std::int64_t axis = -1;
  double momentum = 0.99, epsilon = 1e-3;
  bool center = true, scale = true;
  InitializerPtr beta_initializer = zeros(), gamma_initializer = ones();
  InitializerPtr moving_mean_initializer = zeros(), moving_variance_initializer = ones();
  RegularizerPtr beta_regularizer, gamma_regularizer;
  ConstraintPtr beta_constraint, gamma_constraint;
  bool synchronized = false, renorm = false;
  Json renorm_clipping;
  double renorm_momentum = 0.99;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    if (synchronized)
      fail(Code::kUnsupported, "layer '", name,
           "' (BatchNormalization): synchronized is not supported");
    if (!renorm) return;
    if (renorm_clipping.is_null()) renorm_clipping = Json::object();
    require(renorm_clipping.is_object(), "layer '", name,
            "' (BatchNormalization): expected renorm_clipping to be an object, got ",
            renorm_clipping.dump());
    for (const auto& [key, value] : renorm_clipping.items())
      require((key == "rmax" || key == "rmin" || key == "dmax") &&
                  (value.is_number() || value.is_null()),
              "layer '", name,
              "' (BatchNormalization): renorm_clipping takes numbers rmax, rmin and dmax, got ",
              renorm_clipping.dump());
  }

  void build(std::span<const Shape> inputs) override {
    const Shape& shape = inputs[0];
    const Shape width{shape[std::size_t(normalize_axis(axis, shape.size()))]};
    if (scale)
      gamma_ =
          add_weight("gamma", width, gamma_initializer, true, gamma_regularizer, gamma_constraint);
    if (center)
      beta_ = add_weight("beta", width, beta_initializer, true, beta_regularizer, beta_constraint);
    moving_mean_ = add_weight("moving_mean", width, moving_mean_initializer, false);
    moving_variance_ = add_weight("moving_variance", width, moving_variance_initializer, false);
    if (renorm) {
      moving_stddev_ = add_stddev("moving_stddev", width);
      renorm_mean_ = add_weight("renorm_mean", width, moving_mean_initializer, false);
      renorm_stddev_ = add_stddev("renorm_stddev", width);
    }
  }

  bool supports_masking() const override { return true; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = ops::cast(inputs[0], compute_dtype());
    const std::size_t rank = build_shapes()[0].size();
    const std::int64_t width = moving_mean_->value.shape()[0];
    const int along = normalize_axis(axis, rank);
    require(x.rank() == rank && x.shape()[std::size_t(along)] == width,
            "expected an input of rank ", rank, " with ", width, " elements along axis ", axis,
            ", got shape ", to_string(x.shape()));

    Graph& graph = context.graph;
    Value gamma = scale ? graph.variable(gamma_) : Value{};
    Value beta = center ? graph.variable(beta_) : Value{};
    Value mean, variance;
    if (context.training && trainable) {
      std::vector<int> others;
      for (int a = 0; a < int(rank); ++a)
        if (a != along) others.push_back(a);
      std::tie(mean, variance) =
          context.masks[0] ? masked_moments(x, context.masks[0], others) : ops::moments(x, others);
      if (renorm) {
        correct(graph, mean, variance, gamma, beta);
      } else {
        average(graph, moving_mean_, mean, momentum);
        average(graph, moving_variance_, variance, momentum);
      }
    } else {
      mean = current(graph, moving_mean_);
      variance = current(graph, moving_variance_);
    }

    Value factor = ops::rsqrt(variance + epsilon);
    if (gamma) factor = factor * gamma;
    Value offset = -mean * factor;
    if (beta) offset = offset + beta;
    if (along != int(rank) - 1) {
      Shape shape(rank, 1);
      shape[std::size_t(along)] = width;
      factor = ops::reshape(factor, shape);
      offset = ops::reshape(offset, shape);
    }
    return {x * factor + offset};
  }

 private:
  // Mean and variance of what the mask, [batch, ...] without the last axis, lets count.
  static std::pair<Value, Value> masked_moments(Value x, Value mask, const std::vector<int>& axes) {
    require(mask.rank() + 1 == x.rank(), "expected a mask of one axis less than the input ",
            to_string(x.shape()), ", got ", to_string(mask.shape()));
    const double epsilon = 1e-7;  // keras.config.epsilon()
    const Value counts = ops::broadcast_like(ops::expand_dims(ops::cast(mask, x.dtype()), -1), x);
    const Value weight = ops::sum(counts, axes, true) + epsilon;
    const Value mean = ops::sum(ops::where(counts, x, 0.0), axes, true) / weight;
    const Value difference = ops::where(counts, x - mean, 0.0);
    const Value variance = ops::sum(ops::square(difference), axes, true) / weight;
    return {ops::sum(mean, axes), ops::sum(variance, axes)};
  }

  VariablePtr add_stddev(const char* weight_name, const Shape& shape) {
    VariablePtr variable = add_weight(weight_name, shape, moving_variance_initializer, false);
    Tensor squares = variable->value.as(DType::kFloat64).clone();
    for (double& v : squares.span<double>()) v = std::sqrt(v);
    variable->value.assign(squares.as(variable->value.dtype()));
    return variable;
  }

  // What an earlier call of this layer in the same step left, else what the variable holds.
  static Value current(Graph& graph, const VariablePtr& variable) {
    const Value pending = graph.assigned(variable);
    return pending ? pending : graph.variable(variable);
  }

  // Moves the variable towards the value; gives back where it will stand.
  static Value average(Graph& graph, const VariablePtr& variable, Value value, double momentum) {
    const Value moved = current(graph, variable) * momentum + value * (1 - momentum);
    graph.assign(variable, moved);
    return moved;
  }

  // Works the corrections r and d of batch renormalization into gamma and beta, and moves the
  // averages.
  void correct(Graph& graph, Value mean, Value variance, Value& gamma, Value& beta) {
    const Value stddev = ops::sqrt(variance + epsilon);
    const Value reference = ops::maximum(current(graph, renorm_stddev_), std::sqrt(epsilon));
    Value r = stddev / reference;
    Value d = (mean - current(graph, renorm_mean_)) / reference;
    const auto bound = [&](const char* key) {
      return renorm_clipping.contains(key) && !renorm_clipping[key].is_null()
                 ? std::optional<double>(renorm_clipping[key].get<double>())
                 : std::nullopt;
    };
    if (const auto rmin = bound("rmin")) r = ops::maximum(r, *rmin);
    if (const auto rmax = bound("rmax")) r = ops::minimum(r, *rmax);
    if (const auto dmax = bound("dmax")) d = ops::clip(d, -*dmax, *dmax);
    r = ops::stop_gradient(r);
    d = ops::stop_gradient(d);
    const Value shift = gamma ? d * gamma : d;
    gamma = gamma ? r * gamma : r;
    beta = beta ? shift + beta : shift;

    average(graph, renorm_mean_, mean, renorm_momentum);
    average(graph, renorm_stddev_, stddev, renorm_momentum);
    average(graph, moving_mean_, mean, momentum);
    const Value moved = average(graph, moving_stddev_, stddev, momentum);
    graph.assign(moving_variance_, ops::relu(moved * moved - epsilon));
  }

  VariablePtr gamma_, beta_, moving_mean_, moving_variance_;
  VariablePtr moving_stddev_, renorm_mean_, renorm_stddev_;
};

const ClassInfo& BatchNormalization::describe() {
  static const ClassInfo info = [] {
    using C = BatchNormalization;
    ClassInfo c = class_info<C>("layers", "BatchNormalization", "keras.layers",
                                "Normalises over the batch, then scales and shifts.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {
            attribute<C>("axis", &C::axis, "The axis that is normalised by itself."),
            attribute<C>("momentum", &C::momentum, "How much of the averages each step keeps."),
            attribute<C>("epsilon", &C::epsilon, "Added to the variance."),
            attribute<C>("center", &C::center, "Whether there is a beta."),
            attribute<C>("scale", &C::scale, "Whether there is a gamma."),
            attribute<C>("beta_initializer", &C::beta_initializer, "Of beta."),
            attribute<C>("gamma_initializer", &C::gamma_initializer, "Of gamma."),
            attribute<C>("moving_mean_initializer", &C::moving_mean_initializer,
                         "Of the average of the mean."),
            attribute<C>("moving_variance_initializer", &C::moving_variance_initializer,
                         "Of the average of the variance."),
            attribute<C>("beta_regularizer", &C::beta_regularizer, "Penalty on beta."),
            attribute<C>("gamma_regularizer", &C::gamma_regularizer, "Penalty on gamma."),
            attribute<C>("beta_constraint", &C::beta_constraint, "Projection of beta."),
            attribute<C>("gamma_constraint", &C::gamma_constraint, "Projection of gamma."),
            attribute<C>("synchronized", &C::synchronized, "Only false."),
            attribute<C>("renorm", &C::renorm, "Whether batches are corrected (Ioffe 2017)."),
            attribute<C>("renorm_clipping", &C::renorm_clipping,
                         "Bounds rmax, rmin and dmax of the correction."),
            attribute<C>("renorm_momentum", &C::renorm_momentum,
                         "As momentum, for what the correction is made by."),
        });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(BatchNormalization);

}  // namespace
}  // namespace keratin
