#include "nn/losses/crossentropy.h"
#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/softmax.h"

namespace keratin {

Value log_probabilities(Value y_pred, bool from_logits, int axis) {
  if (from_logits) return ops::log_softmax(y_pred, axis);
  const Value p = y_pred / ops::sum(y_pred, {axis}, true);
  return ops::log(ops::clip(p, kEpsilon, 1 - kEpsilon));
}

Value smooth_classes(Value y_true, double label_smoothing) {
  if (label_smoothing == 0) return y_true;
  const std::int64_t classes = y_true.shape().empty() ? kUnknown : y_true.shape().back();
  require(classes > 0, "label smoothing needs the number of classes, got targets of ",
          to_string(y_true.shape()));
  return y_true * (1 - label_smoothing) + label_smoothing / double(classes);
}

Value categorical_crossentropy(Value y_true, Value y_pred,
                               const CategoricalCrossentropyOptions& options) {
  const int axis = int(options.axis);
  y_true = smooth_classes(ops::cast(y_true, y_pred.dtype()), options.label_smoothing);
  require_same_shape(y_true, y_pred);
  return -ops::sum(y_true * log_probabilities(y_pred, options.from_logits, axis), {axis});
}

namespace {

class CategoricalCrossentropy : public Loss, public CategoricalCrossentropyOptions {
 public:
  KERATIN_CLASS
  CategoricalCrossentropy() { name = "categorical_crossentropy"; }
  Value call(Value y_true, Value y_pred) const override {
    return categorical_crossentropy(y_true, y_pred, *this);
  }
};

const ClassInfo& CategoricalCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = CategoricalCrossentropy;
    ClassInfo c = class_info<C>("losses", "CategoricalCrossentropy", "keras.losses",
                                "The sum of -y_true log(y_pred) over the classes.");
    c.attributes = {
        attribute<C>("from_logits", &C::from_logits,
                     "Whether predictions are logits rather than probabilities."),
        attribute<C>("label_smoothing", &C::label_smoothing,
                     "How far targets are drawn to equal probabilities."),
        attribute<C>("axis", &C::axis, "The axis of the classes."),
    };
    for (Attribute& a : base_attributes<C>()) c.attributes.push_back(std::move(a));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CategoricalCrossentropy);

}  // namespace
}  // namespace keratin
