#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value cosine_similarity(Value y_true, Value y_pred, std::int64_t axis) {
  std::tie(y_true, y_pred) = alike(y_true, y_pred);
  const std::vector<int> axes = {int(axis)};
  const auto unit = [&](Value x) {
    const Value squares = ops::sum(ops::square(x), axes, true);
    return x * ops::rsqrt(ops::maximum(squares, kEpsilon * kEpsilon));
  };
  return ops::sum(unit(y_true) * unit(y_pred), axes);
}

namespace {

// Keras does not write the axis; what is not its default is kept.
class CosineSimilarity : public Loss {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS
  CosineSimilarity() { name = "cosine_similarity"; }
  Value call(Value y_true, Value y_pred) const override {
    return -cosine_similarity(y_true, y_pred, axis);
  }
};

const ClassInfo& CosineSimilarity::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<CosineSimilarity>(
        "CosineSimilarity", "Minus the cosine of the angle between targets and predictions.",
        {attribute<CosineSimilarity>("axis", &CosineSimilarity::axis, "The axis of the vectors.")
             .omitted_if_default()});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CosineSimilarity);

}  // namespace
}  // namespace keratin
