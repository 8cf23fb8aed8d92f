#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Zhang & Sabuncu 2018, https://arxiv.org/abs/1805.07836: targets are class indices.
class CategoricalGeneralizedCrossEntropy : public Loss {
 public:
  double q = 0.5;

  KERATIN_CLASS
  CategoricalGeneralizedCrossEntropy() { name = "categorical_generalized_cross_entropy"; }
  void configured() override {
    Loss::configured();
    require(q > 0 && q < 1,
            "CategoricalGeneralizedCrossEntropy.q: expected a number between 0 "
            "and 1, got ",
            q);
  }

  Value call(Value y_true, Value y_pred) const override {
    const Value target =
        ops::one_hot(ops::cast(y_true, DType::kInt32), y_pred.shape().back(), y_pred.dtype());
    return (1.0 - ops::power(ops::sum(y_pred * target, {-1}), q)) / q;
  }
};

const ClassInfo& CategoricalGeneralizedCrossEntropy::describe() {
  static const ClassInfo info = [] {
    using C = CategoricalGeneralizedCrossEntropy;
    return loss_info<C>(
        "CategoricalGeneralizedCrossEntropy",
        "(1 - p^q) / q, p being the probability of the class whose index is the target.",
        {attribute<C>("q", &C::q, "Between 0 (cross-entropy) and 1 (absolute error).")});
  }();
  return info;
}
KERATIN_REGISTER(CategoricalGeneralizedCrossEntropy);

}  // namespace
}  // namespace keratin
