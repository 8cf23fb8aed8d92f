#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// Lin et al. 2017, https://arxiv.org/abs/1708.02002.
class BinaryFocalCrossentropy : public Loss {
 public:
  bool apply_class_balancing = false;
  double alpha = 0.25, gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  std::int64_t axis = -1;

  KERATIN_CLASS
  BinaryFocalCrossentropy() { name = "binary_focal_crossentropy"; }

  Value call(Value y_true, Value y_pred) const override {
    y_true = ops::cast(y_true, y_pred.dtype());
    require_same_shape(y_true, y_pred);
    if (label_smoothing != 0) y_true = y_true * (1 - label_smoothing) + 0.5 * label_smoothing;
    const Value p = from_logits ? ops::sigmoid(y_pred) : y_pred, other = 1.0 - y_true;
    const Value clipped = ops::clip(p, kEpsilon, 1 - kEpsilon);
    const Value crossentropy = -(y_true * ops::log(clipped) + other * ops::log(1.0 - clipped));
    const Value right = y_true * p + other * (1.0 - p);
    Value loss = ops::power(1.0 - right, gamma) * crossentropy;
    if (apply_class_balancing) loss = (y_true * alpha + other * (1 - alpha)) * loss;
    return ops::mean(loss, {int(axis)});
  }
};

const ClassInfo& BinaryFocalCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = BinaryFocalCrossentropy;
    return loss_info<C>(
        "BinaryFocalCrossentropy",
        "Binary cross-entropy in which sure and right predictions count less.",
        {attribute<C>("apply_class_balancing", &C::apply_class_balancing,
                      "Whether targets of 1 count by alpha, others by 1 - alpha."),
         attribute<C>("alpha", &C::alpha, "Weight of targets of 1, with class balancing."),
         attribute<C>("gamma", &C::gamma, "The power of 1 - probability of what is right."),
         attribute<C>("from_logits", &C::from_logits,
                      "Whether predictions are logits rather than probabilities."),
         attribute<C>("label_smoothing", &C::label_smoothing, "How far targets are drawn to 1/2."),
         attribute<C>("axis", &C::axis, "The axis over which the mean is taken.")});
  }();
  return info;
}
KERATIN_REGISTER(BinaryFocalCrossentropy);

}  // namespace
}  // namespace keratin
