#include <cmath>

#include "nn/losses/loss.h"
#include "nn/metrics/metric.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// 1 - (squared errors) / (squares about the mean), of each output or averaged; adjusted for the
// number of regressors where that is given.
class R2Score : public Metric {
 public:
  std::optional<std::string> class_aggregation = "uniform_average";
  std::int64_t num_regressors = 0;

  KERATIN_CLASS
  R2Score() { name = "r2_score"; }
  Direction direction() const override { return Direction::kUp; }
  void configured() override;
  void build(const Spec& y_true, const Spec& y_pred) override;
  void update(Value y_true, Value y_pred, Value sample_weight) override;
  std::vector<double> result() const override;

 private:
  float adjusted(float score) const;
  VariablePtr samples_, squares_, sum_, residual_, count_;
};

void R2Score::configured() {
  Metric::configured();
  require(!class_aggregation || *class_aggregation == "uniform_average" ||
              *class_aggregation == "variance_weighted_average",
          "R2Score.class_aggregation: expected null, 'uniform_average' or "
          "'variance_weighted_average', got '",
          class_aggregation.value_or(""), "'");
}

void R2Score::build(const Spec& y_true, const Spec& y_pred) {
  const bool wide = y_pred.shape.size() == 2 && y_pred.shape[1] != kUnknown;
  // Targets of shape (batch) take the predictions' form.
  require(wide && (y_true.shape.size() == 2 || y_pred.shape[1] == 1),
          "R2Score: expected targets and predictions of shape (batch, outputs), got ",
          to_string(y_true.shape), " and ", to_string(y_pred.shape));
  samples_ = add_variable("num_samples", {});
  squares_ = add_variable("squared_sum", {y_pred.shape[1]});
  sum_ = add_variable("sum", {y_pred.shape[1]});
  residual_ = add_variable("residual", {y_pred.shape[1]});
  count_ = add_variable("count", {y_pred.shape[1]});
}

void R2Score::update(Value y_true, Value y_pred, Value sample_weight) {
  Value t = ops::cast(y_true, DType::kFloat32), p = ops::cast(y_pred, DType::kFloat32);
  if (t.rank() == 1) t = ops::expand_dims(t, 1);
  Value weight = sample_weight ? ops::cast(sample_weight, DType::kFloat32) : ops::ones_like(t);
  if (weight.rank() == 1) weight = ops::expand_dims(weight, 1);
  weight = ops::broadcast_like(weight, t);
  const auto add = [](const VariablePtr& variable, Value x) {
    accumulate(variable, ops::sum(x, {0}));
  };
  add(sum_, t * weight);
  add(squares_, t * (t * weight));
  add(residual_, ops::square(t - p) * weight);
  add(count_, weight);
  accumulate(samples_, ops::count(t));
}

float R2Score::adjusted(float score) const {
  const float n = *samples_->value.data<float>(), p = float(num_regressors);
  if (num_regressors == 0 || p >= n - 1) return score;  // too few samples: Keras leaves it
  return 1 - (1 - score) * (n - 1) / (n - p - 1);
}

std::vector<double> R2Score::result() const {
  if (!sum_) return {0.0};
  const std::size_t n = std::size_t(sum_->value.size());
  const auto at = [](const VariablePtr& variable, std::size_t i) {
    return variable->value.data<float>()[i];
  };
  std::vector<double> scores(n);
  float plain = 0, weighted = 0, weights = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const float mean = at(sum_, i) / at(count_, i);
    const float total = at(squares_, i) - at(sum_, i) * mean;
    float score = 1 - at(residual_, i) / total;
    if (std::isinf(score)) score = 0;
    scores[i] = adjusted(score);
    plain += score;
    weighted += total * score;
    weights += total;
  }
  if (!class_aggregation) return scores;
  return {
      adjusted(*class_aggregation == "uniform_average" ? plain / float(n) : weighted / weights)};
}

const ClassInfo& R2Score::describe() {
  using C = R2Score;
  static const ClassInfo info = metric_info<C>(
      "R2Score", "The part of the targets' variance that predictions explain.",
      {attribute<C>("class_aggregation", &C::class_aggregation,
                    "'uniform_average', 'variance_weighted_average', or null: a score each."),
       attribute<C>("num_regressors", &C::num_regressors,
                    "Independent variables, for the adjusted score; 0: not adjusted.")
           .at_least(0)});
  return info;
}
KERATIN_REGISTER(R2Score);

}  // namespace
}  // namespace keratin
