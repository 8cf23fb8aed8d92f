#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value mean_squared_logarithmic_error(Value y_true, Value y_pred) {
  std::tie(y_true, y_pred) = alike(y_true, y_pred);
  const auto log = [](Value x) { return ops::log(ops::maximum(x, kEpsilon) + 1.0); };
  return ops::mean(ops::square(log(y_pred) - log(y_true)), {-1});
}

namespace {

class MeanSquaredLogarithmicError : public Loss {
 public:
  KERATIN_CLASS
  MeanSquaredLogarithmicError() { name = "mean_squared_logarithmic_error"; }
  Value call(Value y_true, Value y_pred) const override {
    return mean_squared_logarithmic_error(y_true, y_pred);
  }
};

const ClassInfo& MeanSquaredLogarithmicError::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<MeanSquaredLogarithmicError>(
        "MeanSquaredLogarithmicError", "The mean of (log(y_true + 1) - log(y_pred + 1))^2.");
    c.aliases = {"msle", "MSLE"};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MeanSquaredLogarithmicError);

}  // namespace
}  // namespace keratin
