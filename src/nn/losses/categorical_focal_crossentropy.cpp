#include "nn/losses/crossentropy.h"
#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/softmax.h"

namespace keratin {
namespace {

// Lin et al. 2017, https://arxiv.org/abs/1708.02002.
class CategoricalFocalCrossentropy : public Loss {
 public:
  double alpha = 0.25, gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  std::int64_t axis = -1;

  KERATIN_CLASS
  CategoricalFocalCrossentropy() { name = "categorical_focal_crossentropy"; }

  Value call(Value y_true, Value y_pred) const override {
    const int along = int(axis);
    y_true = smooth_classes(ops::cast(y_true, y_pred.dtype()), label_smoothing);
    require_same_shape(y_true, y_pred);
    if (from_logits) y_pred = ops::softmax(y_pred, along);
    const Value p = ops::clip(y_pred / ops::sum(y_pred, {along}, true), kEpsilon, 1 - kEpsilon);
    return ops::sum(ops::power(1.0 - p, gamma) * alpha * (-y_true * ops::log(p)), {along});
  }
};

const ClassInfo& CategoricalFocalCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = CategoricalFocalCrossentropy;
    return loss_info<C>("CategoricalFocalCrossentropy",
                        "Categorical cross-entropy in which sure and right predictions count less.",
                        {attribute<C>("alpha", &C::alpha, "By which all is multiplied."),
                         attribute<C>("gamma", &C::gamma, "The power of 1 - probability."),
                         attribute<C>("from_logits", &C::from_logits,
                                      "Whether predictions are logits rather than probabilities."),
                         attribute<C>("label_smoothing", &C::label_smoothing,
                                      "How far targets are drawn to equal probabilities."),
                         attribute<C>("axis", &C::axis, "The axis of the classes.")});
  }();
  return info;
}
KERATIN_REGISTER(CategoricalFocalCrossentropy);

}  // namespace
}  // namespace keratin
