#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value poisson(Value y_true, Value y_pred) {
  y_true = ops::cast(y_true, y_pred.dtype());
  return ops::mean(y_pred - y_true * ops::log(y_pred + kEpsilon), {-1});
}

namespace {

class Poisson : public Loss {
 public:
  KERATIN_CLASS
  Poisson() { name = "poisson"; }
  Value call(Value y_true, Value y_pred) const override { return poisson(y_true, y_pred); }
};

const ClassInfo& Poisson::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<Poisson>("Poisson", "The mean of y_pred - y_true log(y_pred).");
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Poisson);

}  // namespace
}  // namespace keratin
