#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// alpha (e^x - 1) where x is not above 0, else x. The exponential sees no positive x, where it
// could overflow and spoil the gradient.
Value elu(Value x, double alpha) {
  const Value positive = ops::greater(x, 0.0);
  return ops::where(positive, x, alpha * ops::expm1(ops::where(positive, 0.0, x)));
}

class Elu : public Activation {
 public:
  double alpha = 1;

  KERATIN_CLASS
  Value call(Value x) const override { return elu(x, alpha); }
};

const ClassInfo& Elu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c =
        activation_info<Elu>("elu", "x above 0, alpha (e^x - 1) below, Clevert et al. 2016.");
    c.attributes = {attribute<Elu>("alpha", &Elu::alpha, "The limit below, negated.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Elu);

class Selu : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override {
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717);
  }
};

const ClassInfo& Selu::describe() {
  static const ClassInfo info = activation_info<Selu>(
      "selu", "elu scaled so that networks normalise themselves, Klambauer et al. 2017.");
  return info;
}
KERATIN_REGISTER(Selu);

class Celu : public Activation {
 public:
  double alpha = 1;

  KERATIN_CLASS
  void configured() override { require(alpha != 0, "celu: alpha cannot be 0"); }
  Value call(Value x) const override {
    return ops::maximum(x, 0.0) + alpha * ops::expm1(ops::minimum(x, 0.0) / alpha);
  }
};

const ClassInfo& Celu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<Celu>(
        "celu", "max(x, 0) + min(alpha (e^(x / alpha) - 1), 0), Barron 2017.");
    c.attributes = {attribute<Celu>("alpha", &Celu::alpha, "The limit below, negated.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Celu);

}  // namespace

}  // namespace keratin
