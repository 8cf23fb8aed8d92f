// Metrics that are a loss' function, its mean over an epoch.
#include <cmath>

#include "nn/losses/functions.h"
#include "nn/metrics/mean.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

struct SquaredErrorForm {
  static constexpr const char* kName = "mean_squared_error";
  static constexpr const char* kClass = "MeanSquaredError";
  static constexpr const char* kDoc = "The mean of (y_true - y_pred)^2.";
  static std::vector<std::string> aliases() { return {"mse", "MSE"}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return mean_squared_error(y_true, y_pred); }
};
using MeanSquaredError = FunctionMetric<SquaredErrorForm>;
KERATIN_REGISTER(MeanSquaredError);

struct AbsoluteErrorForm {
  static constexpr const char* kName = "mean_absolute_error";
  static constexpr const char* kClass = "MeanAbsoluteError";
  static constexpr const char* kDoc = "The mean of |y_true - y_pred|.";
  static std::vector<std::string> aliases() { return {"mae", "MAE"}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return mean_absolute_error(y_true, y_pred); }
};
using MeanAbsoluteError = FunctionMetric<AbsoluteErrorForm>;
KERATIN_REGISTER(MeanAbsoluteError);

struct PercentageErrorForm {
  static constexpr const char* kName = "mean_absolute_percentage_error";
  static constexpr const char* kClass = "MeanAbsolutePercentageError";
  static constexpr const char* kDoc = "The mean of 100 |y_true - y_pred| / |y_true|.";
  static std::vector<std::string> aliases() { return {"mape", "MAPE"}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) {
    return mean_absolute_percentage_error(y_true, y_pred);
  }
};
using MeanAbsolutePercentageError = FunctionMetric<PercentageErrorForm>;
KERATIN_REGISTER(MeanAbsolutePercentageError);

struct LogarithmicErrorForm {
  static constexpr const char* kName = "mean_squared_logarithmic_error";
  static constexpr const char* kClass = "MeanSquaredLogarithmicError";
  static constexpr const char* kDoc = "The mean of (log(y_true + 1) - log(y_pred + 1))^2.";
  static std::vector<std::string> aliases() { return {"msle", "MSLE"}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) {
    return mean_squared_logarithmic_error(y_true, y_pred);
  }
};
using MeanSquaredLogarithmicError = FunctionMetric<LogarithmicErrorForm>;
KERATIN_REGISTER(MeanSquaredLogarithmicError);

struct LogCoshForm {
  static constexpr const char* kName = "logcosh";
  static constexpr const char* kClass = "LogCoshError";
  static constexpr const char* kDoc = "The mean of log(cosh(y_pred - y_true)).";
  static std::vector<std::string> aliases() { return {}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return log_cosh(y_true, y_pred); }
};
using LogCoshError = FunctionMetric<LogCoshForm>;
KERATIN_REGISTER(LogCoshError);

struct DivergenceForm {
  static constexpr const char* kName = "kl_divergence";
  static constexpr const char* kClass = "KLDivergence";
  static constexpr const char* kDoc = "The sum of y_true log(y_true / y_pred).";
  static std::vector<std::string> aliases() { return {}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return kl_divergence(y_true, y_pred); }
};
using KLDivergence = FunctionMetric<DivergenceForm>;
KERATIN_REGISTER(KLDivergence);

struct PoissonForm {
  static constexpr const char* kName = "poisson";
  static constexpr const char* kClass = "Poisson";
  static constexpr const char* kDoc = "The mean of y_pred - y_true log(y_pred).";
  static std::vector<std::string> aliases() { return {}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return poisson(y_true, y_pred); }
};
using Poisson = FunctionMetric<PoissonForm>;
KERATIN_REGISTER(Poisson);

struct HingeForm {
  static constexpr const char* kName = "hinge";
  static constexpr const char* kClass = "Hinge";
  static constexpr const char* kDoc = "The mean of max(1 - y_true y_pred, 0).";
  static std::vector<std::string> aliases() { return {}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return hinge(y_true, y_pred); }
};
using Hinge = FunctionMetric<HingeForm>;
KERATIN_REGISTER(Hinge);

struct SquaredHingeForm {
  static constexpr const char* kName = "squared_hinge";
  static constexpr const char* kClass = "SquaredHinge";
  static constexpr const char* kDoc = "The mean of max(1 - y_true y_pred, 0)^2.";
  static std::vector<std::string> aliases() { return {}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return squared_hinge(y_true, y_pred); }
};
using SquaredHinge = FunctionMetric<SquaredHingeForm>;
KERATIN_REGISTER(SquaredHinge);

struct CategoricalHingeForm {
  static constexpr const char* kName = "categorical_hinge";
  static constexpr const char* kClass = "CategoricalHinge";
  static constexpr const char* kDoc =
      "The largest score of a wrong class against that of the right one.";
  static std::vector<std::string> aliases() { return {}; }
  static constexpr auto kDirection = Metric::Direction::kDown;
  static Value values(Value y_true, Value y_pred) { return categorical_hinge(y_true, y_pred); }
};
using CategoricalHinge = FunctionMetric<CategoricalHingeForm>;
KERATIN_REGISTER(CategoricalHinge);

class RootMeanSquaredError : public MeanMetric {
 public:
  KERATIN_CLASS
  RootMeanSquaredError() { name = "root_mean_squared_error"; }
  Direction direction() const override { return Direction::kDown; }
  Value values(Value y_true, Value y_pred) const override {
    std::tie(y_true, y_pred) = alike(y_true, ops::cast(y_pred, DType::kFloat32));
    return ops::square(y_pred - y_true);
  }
  std::vector<double> result() const override {
    return {std::sqrt(float(MeanMetric::result()[0]))};
  }
};

const ClassInfo& RootMeanSquaredError::describe() {
  static const ClassInfo info = metric_info<RootMeanSquaredError>(
      "RootMeanSquaredError", "The root of the mean of (y_true - y_pred)^2.");
  return info;
}
KERATIN_REGISTER(RootMeanSquaredError);

// Keras does not write the axis; what is not its default is kept.
class CosineSimilarity : public MeanMetric {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS
  CosineSimilarity() { name = "cosine_similarity"; }
  Direction direction() const override { return Direction::kUp; }
  Value values(Value y_true, Value y_pred) const override {
    return cosine_similarity(y_true, y_pred, axis);
  }
};

const ClassInfo& CosineSimilarity::describe() {
  static const ClassInfo info = metric_info<CosineSimilarity>(
      "CosineSimilarity", "The cosine of the angle between targets and predictions.", {},
      {attribute<CosineSimilarity>("axis", &CosineSimilarity::axis, "The axis of the vectors.")
           .omitted_if_default()});
  return info;
}
KERATIN_REGISTER(CosineSimilarity);

}  // namespace
}  // namespace keratin
