#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value mean_squared_error(Value y_true, Value y_pred) {
  std::tie(y_true, y_pred) = alike(y_true, y_pred);
  return ops::mean(ops::square(y_true - y_pred), {-1});
}

namespace {

class MeanSquaredError : public Loss {
 public:
  KERATIN_CLASS
  MeanSquaredError() { name = "mean_squared_error"; }
  Value call(Value y_true, Value y_pred) const override {
    return mean_squared_error(y_true, y_pred);
  }
};

const ClassInfo& MeanSquaredError::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<MeanSquaredError>("losses", "MeanSquaredError", "keras.losses",
                                               "The mean of (y_true - y_pred)^2.");
    c.aliases = {"mse", "MSE"};
    c.attributes = Loss::base_attributes<MeanSquaredError>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MeanSquaredError);

}  // namespace
}  // namespace keratin
