#include <cmath>
#include <numeric>

#include "nn/losses/functions.h"  // kEpsilon
#include "nn/metrics/metric.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// (1 + beta^2) precision recall / (beta^2 precision + recall), of each class or averaged.
class FScore : public Metric {
 public:
  std::optional<std::string> average;
  double beta = 1;
  std::optional<double> threshold;  // none: the largest prediction is positive

  Direction direction() const override { return Direction::kUp; }
  void configured() override {
    Metric::configured();
    require(!average || *average == "micro" || *average == "macro" || *average == "weighted",
            info().name, ".average: expected null, 'micro', 'macro' or 'weighted', got '",
            average.value_or(""), "'");
  }
  void build(const Spec& y_true, const Spec& y_pred) override {
    require(y_true.shape.size() == 2 && y_pred.shape.size() == 2 && y_pred.shape[1] != kUnknown,
            info().name, ": expected targets and predictions of shape (batch, classes), got ",
            to_string(y_true.shape), " and ", to_string(y_pred.shape));
    const Shape shape = is_micro() ? Shape{} : Shape{y_pred.shape[1]};
    for (const char* sum :
         {"true_positives", "false_positives", "false_negatives", "intermediate_weights"})
      add_variable(sum, shape);
  }
  void update(Value y_true, Value y_pred, Value sample_weight) override {
    const Value t = ops::cast(y_true, DType::kFloat32);
    Value p = ops::cast(y_pred, DType::kFloat32);
    if (threshold)
      p = ops::greater(p, *threshold);
    else
      p = ops::greater_equal(p, ops::max(p, {-1}, true)) * ops::greater(ops::abs(p), 1e-9);
    const auto add = [&](std::size_t sum, Value x) {
      if (sample_weight) x = x * ops::expand_dims(ops::cast(sample_weight, DType::kFloat32), 1);
      accumulate(variables_[sum], is_micro() ? ops::sum(x) : ops::sum(x, {0}));
    };
    add(0, p * t);
    add(1, p * (1.0 - t));
    add(2, (1.0 - p) * t);
    add(3, t);
  }
  std::vector<double> result() const override {
    if (variables_.empty()) return {0.0};
    const std::size_t n = std::size_t(variables_[0]->value.size());
    const auto sum = [&](std::size_t k, std::size_t i) {
      return variables_[k]->value.data<float>()[i];
    };
    const float epsilon = float(kEpsilon), square = float(beta * beta);
    std::vector<float> scores(n);
    float weights = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const float precision = sum(0, i) / (sum(0, i) + sum(1, i) + epsilon);
      const float recall = sum(0, i) / (sum(0, i) + sum(2, i) + epsilon);
      scores[i] = precision * recall / (square * precision + recall + epsilon) * (1 + square);
      weights += sum(3, i);
    }
    if (!average) return {scores.begin(), scores.end()};
    if (*average != "weighted")
      return {std::accumulate(scores.begin(), scores.end(), 0.0f) / float(n)};
    float score = 0;
    for (std::size_t i = 0; i < n; ++i) score += scores[i] * (sum(3, i) / (weights + epsilon));
    return {score};
  }

 protected:
  template <class C>
  static Attribute average_attribute() {
    return attribute<C>("average", &C::average,
                        "'micro': over all classes' counts; 'macro': of the classes' scores; "
                        "'weighted': these by how often they are; null: a score each.");
  }
  template <class C>
  static Attribute threshold_attribute() {
    return attribute<C>("threshold", &C::threshold,
                        "Predictions above are positive; null: the largest of a sample.")
        .above(0)
        .at_most(1);
  }

 private:
  bool is_micro() const { return average == "micro"; }
};

class FBetaScore : public FScore {
 public:
  KERATIN_CLASS
  FBetaScore() { name = "fbeta_score"; }
};

const ClassInfo& FBetaScore::describe() {
  using C = FBetaScore;
  static const ClassInfo info = metric_info<C>(
      "FBetaScore", "The harmonic mean of precision and recall, this counting beta times as much.",
      {average_attribute<C>(),
       attribute<C>("beta", &C::beta, "How much more recall counts.").above(0),
       threshold_attribute<C>()});
  return info;
}
KERATIN_REGISTER(FBetaScore);

class F1Score : public FScore {
 public:
  KERATIN_CLASS
  F1Score() { name = "f1_score"; }
};

const ClassInfo& F1Score::describe() {
  using C = F1Score;
  static const ClassInfo info =
      metric_info<C>("F1Score", "The harmonic mean of precision and recall.",
                     {average_attribute<C>(), threshold_attribute<C>()});
  return info;
}
KERATIN_REGISTER(F1Score);

}  // namespace
}  // namespace keratin
