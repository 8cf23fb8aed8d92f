#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value binary_crossentropy(Value y_true, Value y_pred, const BinaryCrossentropyOptions& options) {
  const double smoothing = options.label_smoothing;
  y_true = ops::cast(y_true, y_pred.dtype());
  require_same_shape(y_true, y_pred);
  if (smoothing != 0) y_true = y_true * (1 - smoothing) + 0.5 * smoothing;
  Value loss;
  if (options.from_logits) {
    // log(sigmoid(x)) = -softplus(-x), log(1 - sigmoid(x)) = -softplus(x)
    loss = y_true * ops::softplus(-y_pred) + (1.0 - y_true) * ops::softplus(y_pred);
  } else {
    const Value p = ops::clip(y_pred, kEpsilon, 1 - kEpsilon);
    loss = -(y_true * ops::log(p) + (1.0 - y_true) * ops::log(1.0 - p));
  }
  return ops::mean(loss, {int(options.axis)});
}

namespace {

class BinaryCrossentropy : public Loss, public BinaryCrossentropyOptions {
 public:
  KERATIN_CLASS
  BinaryCrossentropy() { name = "binary_crossentropy"; }
  Value call(Value y_true, Value y_pred) const override {
    return binary_crossentropy(y_true, y_pred, *this);
  }
};

const ClassInfo& BinaryCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = BinaryCrossentropy;
    ClassInfo c =
        class_info<C>("losses", "BinaryCrossentropy", "keras.losses",
                      "-(y_true log(y_pred) + (1 - y_true) log(1 - y_pred)), its mean over an "
                      "axis.");
    c.aliases = {"bce", "BCE"};
    c.attributes = {
        attribute<C>("from_logits", &C::from_logits,
                     "Whether predictions are logits rather than probabilities."),
        attribute<C>("label_smoothing", &C::label_smoothing, "How far targets are drawn to 1/2."),
        attribute<C>("axis", &C::axis, "The axis over which the mean is taken."),
    };
    for (Attribute& a : base_attributes<C>()) c.attributes.push_back(std::move(a));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(BinaryCrossentropy);

}  // namespace
}  // namespace keratin
