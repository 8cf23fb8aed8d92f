#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value mean_absolute_percentage_error(Value y_true, Value y_pred) {
  std::tie(y_true, y_pred) = alike(y_true, y_pred);
  const Value error = ops::abs((y_true - y_pred) / ops::maximum(ops::abs(y_true), kEpsilon));
  return ops::mean(error, {-1}) * 100.0;
}

namespace {

class MeanAbsolutePercentageError : public Loss {
 public:
  KERATIN_CLASS
  MeanAbsolutePercentageError() { name = "mean_absolute_percentage_error"; }
  Value call(Value y_true, Value y_pred) const override {
    return mean_absolute_percentage_error(y_true, y_pred);
  }
};

const ClassInfo& MeanAbsolutePercentageError::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<MeanAbsolutePercentageError>(
        "MeanAbsolutePercentageError", "The mean of 100 |y_true - y_pred| / |y_true|.");
    c.aliases = {"mape", "MAPE"};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MeanAbsolutePercentageError);

}  // namespace
}  // namespace keratin
