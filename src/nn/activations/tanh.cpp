#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class Tanh : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return ops::tanh(x); }
};

const ClassInfo& Tanh::describe() {
  static const ClassInfo info = activation_info<Tanh>("tanh", "Hyperbolic tangent.");
  return info;
}
KERATIN_REGISTER(Tanh);

class HardTanh : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override {
    return ops::where(ops::greater(x, 1.0), 1.0, ops::where(ops::less(x, -1.0), -1.0, x));
  }
};

const ClassInfo& HardTanh::describe() {
  static const ClassInfo info = activation_info<HardTanh>("hard_tanh", "x held within -1 and 1.");
  return info;
}
KERATIN_REGISTER(HardTanh);

class TanhShrink : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return x - ops::tanh(x); }
};

const ClassInfo& TanhShrink::describe() {
  static const ClassInfo info = activation_info<TanhShrink>("tanh_shrink", "x - tanh(x).");
  return info;
}
KERATIN_REGISTER(TanhShrink);

}  // namespace

ActivationPtr tanh_activation() { return std::make_shared<Tanh>(); }

}  // namespace keratin
