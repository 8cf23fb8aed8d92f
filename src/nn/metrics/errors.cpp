// Metrics of regression: the losses' functions, their mean over an epoch.
#include "nn/losses/functions.h"
#include "nn/metrics/mean.h"

namespace keratin {
namespace {

class MeanSquaredError : public MeanMetric {
 public:
  KERATIN_CLASS
  MeanSquaredError() { name = "mean_squared_error"; }
  Direction direction() const override { return Direction::kDown; }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    return mean_squared_error(y_true, y_pred);
  }
};

const ClassInfo& MeanSquaredError::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<MeanSquaredError>("metrics", "MeanSquaredError", "keras.metrics",
                                               "The mean of (y_true - y_pred)^2.");
    c.aliases = {"mse", "MSE"};
    c.attributes = base_attributes<MeanSquaredError>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MeanSquaredError);

class MeanAbsoluteError : public MeanMetric {
 public:
  KERATIN_CLASS
  MeanAbsoluteError() { name = "mean_absolute_error"; }
  Direction direction() const override { return Direction::kDown; }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    return mean_absolute_error(y_true, y_pred);
  }
};

const ClassInfo& MeanAbsoluteError::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<MeanAbsoluteError>("metrics", "MeanAbsoluteError", "keras.metrics",
                                                "The mean of |y_true - y_pred|.");
    c.aliases = {"mae", "MAE"};
    c.attributes = base_attributes<MeanAbsoluteError>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MeanAbsoluteError);

}  // namespace
}  // namespace keratin
