#include <cmath>

#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/eye.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Sun et al. 2020, https://arxiv.org/abs/2002.10857, over all pairs of a batch. Predictions are
// embeddings [batch, features] of length 1, targets are labels [batch] or [batch, 1].
class Circle : public Loss {
 public:
  double gamma = 80, margin = 0.4;
  bool remove_diagonal = true;

  KERATIN_CLASS
  Circle() { name = "circle"; }

  Value call(Value y_true, Value y_pred) const override {
    require(y_pred.rank() == 2, "expected embeddings of shape (batch, features), got ",
            to_string(y_pred.shape()));
    // Whole numbers, as Keras takes them.
    const Value labels = ops::cast(ops::cast(y_true, DType::kInt32), y_pred.dtype());
    const Value distance =
        ops::maximum(1.0 - ops::matmul(y_pred, y_pred, false, true), 0.0);  // [batch, batch]
    const Value same =
        ops::equal(ops::reshape(labels, {kUnknown, 1}), ops::reshape(labels, {1, kUnknown}));
    const Value positive = remove_diagonal ? same * (1.0 - ops::eye_like(same)) : same;
    const Value negative = 1.0 - same;
    const Value pull = ops::maximum((distance + margin) * positive, 0.0);
    const Value push = ops::maximum((1 + margin - distance) * negative, 0.0);
    const auto total = [](Value pairs, Value x) {
      return ops::logsumexp(ops::where(pairs, x, -HUGE_VAL), {1});
    };
    return ops::softplus(total(positive, -gamma * pull * (margin - distance)) +
                         total(negative, gamma * push * (1 - margin - distance)));
  }
  // What has no pairs does not count.
  Value mask(Value y_true, Value y_pred) const override {
    return ops::greater(call(y_true, y_pred), 0.0);
  }
};

const ClassInfo& Circle::describe() {
  static const ClassInfo info = [] {
    using C = Circle;
    return loss_info<C>("Circle", "Draws embeddings of one label together and pushes others apart.",
                        {attribute<C>("gamma", &C::gamma, "Scale of the distances."),
                         attribute<C>("margin", &C::margin,
                                      "How much farther than those of one label others shall be."),
                         attribute<C>("remove_diagonal", &C::remove_diagonal,
                                      "Whether a sample is no pair with itself.")});
  }();
  return info;
}
KERATIN_REGISTER(Circle);

}  // namespace
}  // namespace keratin
