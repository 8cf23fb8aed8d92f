#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Exponential : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return ops::exp(x); }
};

const ClassInfo& Exponential::describe() {
  static const ClassInfo info = activation_info<Exponential>("exponential", "e^x.");
  return info;
}
KERATIN_REGISTER(Exponential);

}  // namespace

}  // namespace keratin
