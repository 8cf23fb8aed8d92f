#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value mean_absolute_error(Value y_true, Value y_pred) {
  std::tie(y_true, y_pred) = alike(y_true, y_pred);
  return ops::mean(ops::abs(y_true - y_pred), {-1});
}

namespace {

class MeanAbsoluteError : public Loss {
 public:
  KERATIN_CLASS
  MeanAbsoluteError() { name = "mean_absolute_error"; }
  Value call(Value y_true, Value y_pred) const override {
    return mean_absolute_error(y_true, y_pred);
  }
};

const ClassInfo& MeanAbsoluteError::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<MeanAbsoluteError>("losses", "MeanAbsoluteError", "keras.losses",
                                                "The mean of |y_true - y_pred|.");
    c.aliases = {"mae", "MAE"};
    c.attributes = Loss::base_attributes<MeanAbsoluteError>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MeanAbsoluteError);

}  // namespace
}  // namespace keratin
