#include "ops/ctc.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// Connectionist temporal classification: targets [batch, labels], 0 after the last label;
// predictions are logits [batch, time, classes], class 0 being the blank.
class CTC : public Loss {
 public:
  KERATIN_CLASS
  CTC() { name = "ctc"; }
  Value call(Value y_true, Value y_pred) const override {
    require(y_true.rank() == 2, "expected targets of shape (batch, labels), got ",
            to_string(y_true.shape()));
    require(y_pred.rank() == 3, "expected logits of shape (batch, time, classes), got ",
            to_string(y_pred.shape()));
    return ops::ctc_loss(ops::cast(y_true, DType::kInt32), y_pred);
  }
};

const ClassInfo& CTC::describe() {
  static const ClassInfo info =
      loss_info<CTC>("CTC",
                     "Connectionist temporal classification: -log of the probability of "
                     "the labels in their order, at whatever times.");
  return info;
}
KERATIN_REGISTER(CTC);

}  // namespace
}  // namespace keratin
