// The best of one rate among the thresholds at which another is at least so much.
#include <algorithm>

#include "nn/metrics/confusion.h"
#include "nn/metrics/metric.h"

namespace keratin {
namespace {

float rate(float part, float other) { return part + other == 0 ? 0 : part / (part + other); }

struct Counts {
  float true_positives, false_positives, true_negatives, false_negatives;
  float sensitivity() const { return rate(true_positives, false_negatives); }
  float specificity() const { return rate(true_negatives, false_positives); }
  float precision() const { return rate(true_positives, false_positives); }
};

// `Form` has kClass, kDoc, kAttribute and kAttributeDoc of the rate that is demanded, and
// demanded(counts), wanted(counts).
template <class Form>
class RateAtRate final : public Metric {
 public:
  double least = 0;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id;

  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      using C = RateAtRate;
      return metric_info<C>(Form::kClass, Form::kDoc,
                            {attribute<C>(Form::kAttribute, &C::least, Form::kAttributeDoc)
                                 .required()
                                 .at_least(0)
                                 .at_most(1),
                             attribute<C>("num_thresholds", &C::num_thresholds,
                                          "How many thresholds, evenly spaced from 0 to 1.")
                                 .at_least(1),
                             attribute<C>("class_id", &C::class_id, "Only this class counts.")});
    }();
    return info;
  }
  const ClassInfo& info() const override { return describe(); }
  Direction direction() const override { return Direction::kUp; }

  void configured() override {
    Metric::configured();
    options_.thresholds.assign(1, 0.5);
    options_.class_id = class_id;
    if (num_thresholds == 1) return;
    options_.evenly_spaced = true;
    options_.thresholds.clear();
    for (std::int64_t i = 0; i < num_thresholds; ++i)
      options_.thresholds.push_back(double(i) / double(num_thresholds - 1));
  }
  void build(const Spec& /*y_true*/, const Spec& /*y_pred*/) override {
    const Shape shape = {std::int64_t(options_.thresholds.size())};
    for (const char* count :
         {"true_positives", "false_positives", "true_negatives", "false_negatives"})
      add_variable(count, shape);
  }
  void update(Value y_true, Value y_pred, Value sample_weight) override {
    const ConfusionCounts counts = count_confusion(y_true, y_pred, sample_weight, options_);
    accumulate(variables_[0], counts.true_positives);
    accumulate(variables_[1], counts.false_positives);
    accumulate(variables_[2], counts.true_negatives);
    accumulate(variables_[3], counts.false_negatives);
  }
  std::vector<double> result() const override {
    float best = 0;
    if (variables_.empty()) return {best};
    for (std::size_t i = 0; i < options_.thresholds.size(); ++i) {
      const auto count = [&](std::size_t k) {
        const Tensor& values = variables_[k]->value;
        return values.data<float>()[i];
      };
      const Counts counts = {count(0), count(1), count(2), count(3)};
      if (Form::demanded(counts) >= float(least)) best = std::max(best, Form::wanted(counts));
    }
    return {best};
  }

 private:
  ConfusionOptions options_;
};

struct SensitivityForm {
  static constexpr const char* kClass = "SensitivityAtSpecificity";
  static constexpr const char* kDoc = "The best sensitivity where specificity is at least so much.";
  static constexpr const char* kAttribute = "specificity";
  static constexpr const char* kAttributeDoc = "Least part of the targets of 0 predicted right.";
  static float demanded(const Counts& c) { return c.specificity(); }
  static float wanted(const Counts& c) { return c.sensitivity(); }
};
using SensitivityAtSpecificity = RateAtRate<SensitivityForm>;
KERATIN_REGISTER(SensitivityAtSpecificity);

struct SpecificityForm {
  static constexpr const char* kClass = "SpecificityAtSensitivity";
  static constexpr const char* kDoc = "The best specificity where sensitivity is at least so much.";
  static constexpr const char* kAttribute = "sensitivity";
  static constexpr const char* kAttributeDoc = "Least part of the targets of 1 predicted right.";
  static float demanded(const Counts& c) { return c.sensitivity(); }
  static float wanted(const Counts& c) { return c.specificity(); }
};
using SpecificityAtSensitivity = RateAtRate<SpecificityForm>;
KERATIN_REGISTER(SpecificityAtSensitivity);

struct PrecisionForm {
  static constexpr const char* kClass = "PrecisionAtRecall";
  static constexpr const char* kDoc = "The best precision where recall is at least so much.";
  static constexpr const char* kAttribute = "recall";
  static constexpr const char* kAttributeDoc = "Least part of the targets of 1 predicted right.";
  static float demanded(const Counts& c) { return c.sensitivity(); }
  static float wanted(const Counts& c) { return c.precision(); }
};
using PrecisionAtRecall = RateAtRate<PrecisionForm>;
KERATIN_REGISTER(PrecisionAtRecall);

struct RecallForm {
  static constexpr const char* kClass = "RecallAtPrecision";
  static constexpr const char* kDoc = "The best recall where precision is at least so much.";
  static constexpr const char* kAttribute = "precision";
  static constexpr const char* kAttributeDoc =
      "Least part of the positive predictions that is right.";
  static float demanded(const Counts& c) { return c.precision(); }
  static float wanted(const Counts& c) { return c.sensitivity(); }
};
using RecallAtPrecision = RateAtRate<RecallForm>;
KERATIN_REGISTER(RecallAtPrecision);

}  // namespace
}  // namespace keratin
