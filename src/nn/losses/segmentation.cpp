// How well regions overlap: 1 - overlap, over the axes given or all there are (one value then).
#include "nn/axes.h"
#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

class OverlapLoss : public Loss {
 public:
  std::optional<Axes> axis;

 protected:
  Value sum(Value x) const {
    std::vector<int> axes;
    if (axis) axes.assign(axis->values.begin(), axis->values.end());
    return ops::sum(x, axes);
  }
  template <class C>
  static Attribute axis_attribute() {
    return attribute<C>("axis", &C::axis, "The axes of a region; null: all.");
  }
};

class Dice : public OverlapLoss {
 public:
  KERATIN_CLASS
  Dice() { name = "dice"; }
  Value call(Value y_true, Value y_pred) const override {
    y_true = ops::cast(y_true, y_pred.dtype());
    return 1.0 - 2.0 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred) + kEpsilon);
  }
};

const ClassInfo& Dice::describe() {
  static const ClassInfo info = loss_info<Dice>(
      "Dice", "1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred)).", {axis_attribute<Dice>()});
  return info;
}
KERATIN_REGISTER(Dice);

// Salehi et al. 2017, https://arxiv.org/abs/1706.05721.
class Tversky : public OverlapLoss {
 public:
  double alpha = 0.5, beta = 0.5;

  KERATIN_CLASS
  Tversky() { name = "tversky"; }
  Value call(Value y_true, Value y_pred) const override {
    y_true = ops::cast(y_true, y_pred.dtype());
    const Value both = sum(y_true * y_pred);
    const Value missed = sum((1.0 - y_pred) * y_true), wrong = sum(y_pred * (1.0 - y_true));
    return 1.0 - both / (both + missed * alpha + wrong * beta + kEpsilon);
  }
};

const ClassInfo& Tversky::describe() {
  static const ClassInfo info = [] {
    using C = Tversky;
    return loss_info<C>(
        "Tversky", "1 - both / (both + alpha missed + beta wrong), of regions that overlap.",
        {attribute<C>("alpha", &C::alpha, "Weight of what is in the target alone."),
         attribute<C>("beta", &C::beta, "Weight of what is in the prediction alone."),
         axis_attribute<C>()});
  }();
  return info;
}
KERATIN_REGISTER(Tversky);

}  // namespace
}  // namespace keratin
