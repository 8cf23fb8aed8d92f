#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value huber(Value y_true, Value y_pred, double delta) {
  std::tie(y_true, y_pred) = alike(y_true, y_pred);
  const Value error = y_pred - y_true, size = ops::abs(error);
  const Value loss = ops::where(ops::less_equal(size, delta), ops::square(error) * 0.5,
                                size * delta - 0.5 * delta * delta);
  return ops::mean(loss, {-1});
}

namespace {

// Keras does not write delta; what is not its default is kept.
class Huber : public Loss {
 public:
  double delta = 1;

  KERATIN_CLASS
  Huber() { name = "huber_loss"; }
  Value call(Value y_true, Value y_pred) const override { return huber(y_true, y_pred, delta); }
};

const ClassInfo& Huber::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<Huber>(
        "Huber", "Half the squared error where it is at most delta, a line beyond.",
        {attribute<Huber>("delta", &Huber::delta, "Error at which the line begins.")
             .omitted_if_default()});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Huber);

}  // namespace
}  // namespace keratin
