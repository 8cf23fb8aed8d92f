#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

class SoftShrink : public Activation {
 public:
  double threshold = 0.5;

  KERATIN_CLASS
  Value call(Value x) const override {
    const Value below = ops::where(ops::less(x, -threshold), x + threshold, 0.0);
    return ops::where(ops::greater(x, threshold), x - threshold, below);
  }
};

const ClassInfo& SoftShrink::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<SoftShrink>("soft_shrink",
                                              "x moved towards 0 by the threshold, 0 within it.");
    c.attributes = {attribute<SoftShrink>("threshold", &SoftShrink::threshold,
                                          "Half the width of what becomes 0.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SoftShrink);

class HardShrink : public Activation {
 public:
  double threshold = 0.5;

  KERATIN_CLASS
  Value call(Value x) const override {
    return ops::where(ops::greater(ops::abs(x), threshold), x, 0.0);
  }
};

const ClassInfo& HardShrink::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<HardShrink>("hard_shrink", "x, but 0 within the threshold.");
    c.attributes = {attribute<HardShrink>("threshold", &HardShrink::threshold,
                                          "Half the width of what becomes 0.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(HardShrink);

class Threshold : public Activation {
 public:
  double threshold = 0, default_value = 0;

  KERATIN_CLASS
  Value call(Value x) const override {
    return ops::where(ops::greater(x, threshold), x, default_value);
  }
};

const ClassInfo& Threshold::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<Threshold>(
        "threshold", "x where it is above the threshold, else another value.");
    c.attributes = {
        attribute<Threshold>("threshold", &Threshold::threshold, "What x must exceed to stay.")
            .required(),
        attribute<Threshold>("default_value", &Threshold::default_value, "The result elsewhere.")
            .required()};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Threshold);

}  // namespace

}  // namespace keratin
