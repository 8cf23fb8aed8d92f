// How targets and predictions go together, along an axis.
#include "nn/axes.h"
#include "nn/losses/functions.h"
#include "nn/metrics/mean.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

class Correlation : public MeanMetric {
 public:
  Axes axis{{-1}};
  Direction direction() const override { return Direction::kUp; }

 protected:
  std::vector<int> axes() const { return {axis.values.begin(), axis.values.end()}; }
  template <class C>
  static ClassInfo describe_as(const char* class_name, const char* doc) {
    return metric_info<C>(class_name, doc, {},
                          {attribute<C>("axis", &C::axis, "The axis, or axes, of the series.")});
  }
};

class PearsonCorrelation : public Correlation {
 public:
  KERATIN_CLASS
  PearsonCorrelation() { name = "pearson_correlation"; }
  Value values(Value y_true, Value y_pred) const override {
    std::tie(y_true, y_pred) = alike(y_true, y_pred);
    const auto standard = [&](Value x) {
      const Value centered = x - ops::mean(x, axes(), true);
      return centered / ops::sqrt(ops::moments(centered, axes(), true).second);
    };
    return ops::mean(standard(y_true) * standard(y_pred), axes());
  }
};

const ClassInfo& PearsonCorrelation::describe() {
  static const ClassInfo info = describe_as<PearsonCorrelation>(
      "PearsonCorrelation", "Pearson's correlation: -1 to 1, 0 where there is none.");
  return info;
}
KERATIN_REGISTER(PearsonCorrelation);

class ConcordanceCorrelation : public Correlation {
 public:
  KERATIN_CLASS
  ConcordanceCorrelation() { name = "concordance_correlation"; }
  Value values(Value y_true, Value y_pred) const override {
    std::tie(y_true, y_pred) = alike(y_true, y_pred);
    const Value mean_true = ops::mean(y_true, axes(), true);
    const Value mean_pred = ops::mean(y_pred, axes(), true);
    const auto variance = [&](Value centered) {
      return ops::moments(centered, axes(), true).second;
    };
    const Value spread = variance(y_true - mean_true) + variance(y_pred - mean_pred) +
                         ops::square(mean_true - mean_pred);
    // Keras takes the predictions' mean off both.
    const Value covariance = (y_true - mean_pred) * (y_pred - mean_pred);
    return ops::mean(2.0 * covariance / (spread + kEpsilon), axes());
  }
};

const ClassInfo& ConcordanceCorrelation::describe() {
  static const ClassInfo info = describe_as<ConcordanceCorrelation>(
      "ConcordanceCorrelation", "Lin's concordance correlation: 1 where both are equal.");
  return info;
}
KERATIN_REGISTER(ConcordanceCorrelation);

}  // namespace
}  // namespace keratin
