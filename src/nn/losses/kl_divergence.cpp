#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

Value kl_divergence(Value y_true, Value y_pred) {
  y_true = ops::clip(ops::cast(y_true, y_pred.dtype()), kEpsilon, 1);
  y_pred = ops::clip(y_pred, kEpsilon, 1);
  return ops::sum(y_true * ops::log(y_true / y_pred), {-1});
}

namespace {

class KLDivergence : public Loss {
 public:
  KERATIN_CLASS
  KLDivergence() { name = "kl_divergence"; }
  Value call(Value y_true, Value y_pred) const override { return kl_divergence(y_true, y_pred); }
};

const ClassInfo& KLDivergence::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<KLDivergence>(
        "KLDivergence",
        "Kullback and Leibler's divergence: the sum of y_true log(y_true / y_pred).");
    c.aliases = {"kld", "KLD"};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(KLDivergence);

}  // namespace
}  // namespace keratin
