// True and false positives and negatives, counted.
#include "nn/metrics/confusion.h"
#include "nn/metrics/metric.h"

namespace keratin {
namespace {

class ConfusionCount : public Metric {
 public:
  Json thresholds;  // a number, a list, or null: 0.5

  void configured() override {
    Metric::configured();
    options_.thresholds = parse_thresholds(thresholds, 0.5);
    options_.evenly_spaced = are_evenly_spaced(options_.thresholds);
  }
  void build(const Spec& /*y_true*/, const Spec& /*y_pred*/) override {
    accumulator_ = add_variable("accumulator", {std::int64_t(options_.thresholds.size())});
  }
  void update(Value y_true, Value y_pred, Value sample_weight) override {
    accumulate(accumulator_, count_of(count_confusion(y_true, y_pred, sample_weight, options_)));
  }
  std::vector<double> result() const override {
    if (!accumulator_) return std::vector<double>(options_.thresholds.size(), 0.0);
    const auto counts = accumulator_->value.span<float>();
    return {counts.begin(), counts.end()};
  }

 protected:
  virtual Value count_of(const ConfusionCounts& counts) const = 0;

 private:
  ConfusionOptions options_;
  VariablePtr accumulator_;
};

template <class Form>
class CountMetric final : public ConfusionCount {
 public:
  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      Attribute thresholds = attribute<CountMetric>(
          "thresholds", &CountMetric::thresholds,
          "Predictions above are positive: one, or several for as many results; null: 0.5.");
      thresholds.type = "list of float?";
      return metric_info<CountMetric>(Form::kClass, Form::kDoc, {std::move(thresholds)});
    }();
    return info;
  }
  const ClassInfo& info() const override { return describe(); }

 protected:
  Value count_of(const ConfusionCounts& counts) const override { return counts.*Form::kCount; }
};

struct TruePositivesForm {
  static constexpr const char* kClass = "TruePositives";
  static constexpr const char* kDoc = "How many targets of 1 are predicted.";
  static constexpr auto kCount = &ConfusionCounts::true_positives;
};
using TruePositives = CountMetric<TruePositivesForm>;
KERATIN_REGISTER(TruePositives);

struct TrueNegativesForm {
  static constexpr const char* kClass = "TrueNegatives";
  static constexpr const char* kDoc = "How many targets of 0 are predicted.";
  static constexpr auto kCount = &ConfusionCounts::true_negatives;
};
using TrueNegatives = CountMetric<TrueNegativesForm>;
KERATIN_REGISTER(TrueNegatives);

struct FalsePositivesForm {
  static constexpr const char* kClass = "FalsePositives";
  static constexpr const char* kDoc = "How many targets of 0 are taken for 1.";
  static constexpr auto kCount = &ConfusionCounts::false_positives;
};
using FalsePositives = CountMetric<FalsePositivesForm>;
KERATIN_REGISTER(FalsePositives);

struct FalseNegativesForm {
  static constexpr const char* kClass = "FalseNegatives";
  static constexpr const char* kDoc = "How many targets of 1 are taken for 0.";
  static constexpr auto kCount = &ConfusionCounts::false_negatives;
};
using FalseNegatives = CountMetric<FalseNegativesForm>;
KERATIN_REGISTER(FalseNegatives);

}  // namespace
}  // namespace keratin
