#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Mish : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return x * ops::tanh(ops::softplus(x)); }
};

const ClassInfo& Mish::describe() {
  static const ClassInfo info = activation_info<Mish>("mish", "x tanh(softplus(x)), Misra 2019.");
  return info;
}
KERATIN_REGISTER(Mish);

}  // namespace

}  // namespace keratin
