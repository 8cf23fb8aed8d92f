#include "nn/metrics/mean.h"

#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// The mean over the axes from `first` on.
Value mean_from(Value x, std::size_t first) {
  std::vector<int> axes;
  for (std::size_t axis = first; axis < x.rank(); ++axis) axes.push_back(int(axis));
  return axes.empty() ? x : ops::mean(x, axes);
}

}  // namespace

void MeanMetric::build(const Spec& /*y_true*/, const Spec& /*y_pred*/) {
  total_ = add_variable("total", {});
  count_ = add_variable("count", {});
}

void MeanMetric::update(Value y_true, Value y_pred, Value sample_weight) {
  Value x = ops::cast(values(y_true, y_pred), DType::kFloat32);
  if (!sample_weight) {
    x = mean_from(x, 1);
    accumulate(total_, x.rank() ? ops::sum(x) : x);
    accumulate(count_, x.rank() ? ops::count(x) : x.graph().constant(1.0));
    return;
  }
  Value weight = ops::cast(sample_weight, DType::kFloat32);
  if (const Value counts = mask(y_true, y_pred)) {
    const auto [m, w] = squeeze_or_expand_to_same_rank(ops::cast(counts, DType::kFloat32), weight);
    weight = w * m;
  }
  std::tie(x, weight) = squeeze_or_expand_to_same_rank(x, weight);
  x = mean_from(x, weight.rank());
  weight = ops::broadcast_like(weight, x);
  accumulate(total_, ops::sum(mean_from(x * weight, 1)));
  accumulate(count_, ops::sum(mean_from(weight, 1)));
}

std::vector<double> MeanMetric::result() const {
  if (!total_) return {0.0};
  const float total = *total_->value.data<float>(), count = *count_->value.data<float>();
  return {count == 0 ? 0.0f : total / count};
}

namespace {

// The mean of the values it is given in the place of targets; predictions are not used.
class Mean : public MeanMetric {
 public:
  KERATIN_CLASS
  Mean() { name = "mean"; }
  Value values(Value y_true, Value /*y_pred*/) const override { return y_true; }
};

const ClassInfo& Mean::describe() {
  static const ClassInfo info = metric_info<Mean>("Mean", "The weighted mean of the values given.");
  return info;
}
KERATIN_REGISTER(Mean);

// The sum of the values it is given in the place of targets.
class Sum : public Metric {
 public:
  KERATIN_CLASS
  Sum() { name = "sum"; }
  void build(const Spec& /*y_true*/, const Spec& /*y_pred*/) override {
    total_ = add_variable("total", {});
  }
  void update(Value values, Value /*y_pred*/, Value sample_weight) override {
    Value x = ops::cast(values, DType::kFloat32);
    if (sample_weight) {
      Value weight = ops::cast(sample_weight, DType::kFloat32);
      std::tie(x, weight) = squeeze_or_expand_to_same_rank(x, weight);
      std::vector<int> axes;
      for (std::size_t axis = weight.rank(); axis < x.rank(); ++axis) axes.push_back(int(axis));
      if (!axes.empty()) x = ops::sum(x, axes);
      x = x * ops::broadcast_like(weight, x);
    }
    accumulate(total_, x.rank() ? ops::sum(x) : x);
  }
  std::vector<double> result() const override {
    return {total_ ? *total_->value.data<float>() : 0.0f};
  }

 private:
  VariablePtr total_;
};

const ClassInfo& Sum::describe() {
  static const ClassInfo info = metric_info<Sum>("Sum", "The weighted sum of the values given.");
  return info;
}
KERATIN_REGISTER(Sum);

}  // namespace
}  // namespace keratin
