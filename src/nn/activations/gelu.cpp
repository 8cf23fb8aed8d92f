#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Gelu : public Activation {
 public:
  bool approximate = false;

  KERATIN_CLASS
  Value call(Value x) const override {
    if (approximate) {
      const double sqrt_2_over_pi = 0.7978845608028654;
      const Value inner = sqrt_2_over_pi * (x + 0.044715 * (x * x * x));
      return x * (0.5 * (1.0 + ops::tanh(inner)));
    }
    return ops::gelu(x);
  }
};

const ClassInfo& Gelu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<Gelu>("gelu",
                                        "Gaussian error linear unit: x times the normal "
                                        "distribution function of x, Hendrycks & Gimpel 2016.");
    c.attributes = {attribute<Gelu>("approximate", &Gelu::approximate,
                                    "Whether tanh stands for the error function.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Gelu);

}  // namespace

}  // namespace keratin
