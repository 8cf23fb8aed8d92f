#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Softplus : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return ops::softplus(x); }
};

const ClassInfo& Softplus::describe() {
  static const ClassInfo info = activation_info<Softplus>("softplus", "log(1 + e^x).");
  return info;
}
KERATIN_REGISTER(Softplus);

class SparsePlus : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override {
    const Value between = ops::square(x + 1.0) / 4.0;
    return ops::where(ops::less_equal(x, -1.0), 0.0,
                      ops::where(ops::greater_equal(x, 1.0), x, between));
  }
};

const ClassInfo& SparsePlus::describe() {
  static const ClassInfo info =
      activation_info<SparsePlus>("sparse_plus", "0 below -1, x above 1, (x + 1)^2 / 4 between.");
  return info;
}
KERATIN_REGISTER(SparsePlus);

class Squareplus : public Activation {
 public:
  double b = 4;

  KERATIN_CLASS
  Value call(Value x) const override { return 0.5 * (x + ops::sqrt(ops::square(x) + b)); }
};

const ClassInfo& Squareplus::describe() {
  static const ClassInfo info = [] {
    ClassInfo c =
        activation_info<Squareplus>("squareplus", "(x + sqrt(x^2 + b)) / 2, Barron 2021.");
    c.attributes = {attribute<Squareplus>("b", &Squareplus::b, "Smoothness.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Squareplus);

}  // namespace

}  // namespace keratin
