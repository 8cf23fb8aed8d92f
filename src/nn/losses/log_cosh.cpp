#include <numbers>

#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value log_cosh(Value y_true, Value y_pred) {
  std::tie(y_true, y_pred) = alike(y_true, y_pred);
  const Value error = y_pred - y_true;
  return ops::mean(error + ops::softplus(error * -2.0) - std::numbers::ln2, {-1});
}

namespace {

class LogCosh : public Loss {
 public:
  KERATIN_CLASS
  LogCosh() { name = "log_cosh"; }
  Value call(Value y_true, Value y_pred) const override { return log_cosh(y_true, y_pred); }
};

const ClassInfo& LogCosh::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<LogCosh>("LogCosh", "The mean of log(cosh(y_pred - y_true)).");
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LogCosh);

}  // namespace
}  // namespace keratin
