#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Softsign : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return x / (ops::abs(x) + 1.0); }
};

const ClassInfo& Softsign::describe() {
  static const ClassInfo info = activation_info<Softsign>("softsign", "x / (|x| + 1).");
  return info;
}
KERATIN_REGISTER(Softsign);

}  // namespace

}  // namespace keratin
