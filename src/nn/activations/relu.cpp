#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

Value leaky_relu(Value x, double negative_slope) {
  return ops::where(ops::greater_equal(x, 0.0), x, negative_slope * x);
}

class Relu : public Activation {
 public:
  double negative_slope = 0;
  std::optional<double> max_value;
  double threshold = 0;

  KERATIN_CLASS
  Value call(Value x) const override {
    if (negative_slope != 0 && threshold == 0 && !max_value) return leaky_relu(x, negative_slope);
    Value y = threshold == 0 ? ops::relu(x) : ops::where(ops::greater(x, threshold), x, 0.0);
    if (max_value) y = ops::clip(y, 0, *max_value);
    if (negative_slope != 0) y = y - negative_slope * ops::relu(threshold - x);
    return y;
  }
};

const ClassInfo& Relu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c =
        activation_info<Relu>("relu",
                              "max(x, 0); with its arguments: negative_slope (x - threshold) below "
                              "the threshold, x above, at most max_value.");
    c.attributes = {
        attribute<Relu>("negative_slope", &Relu::negative_slope, "Slope below the threshold."),
        attribute<Relu>("max_value", &Relu::max_value, "Upper bound; null: none."),
        attribute<Relu>("threshold", &Relu::threshold, "Where the positive part begins.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Relu);

class Relu6 : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override {
    return ops::where(ops::less(x, 6.0), ops::relu(x), 6.0);  // flat at both turns, unlike clip
  }
};

const ClassInfo& Relu6::describe() {
  static const ClassInfo info = activation_info<Relu6>("relu6", "x held within 0 and 6.");
  return info;
}
KERATIN_REGISTER(Relu6);

class LeakyRelu : public Activation {
 public:
  double negative_slope = 0.2;

  KERATIN_CLASS
  Value call(Value x) const override { return leaky_relu(x, negative_slope); }
};

const ClassInfo& LeakyRelu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<LeakyRelu>("leaky_relu", "x above 0, negative_slope x below.");
    c.attributes = {
        attribute<LeakyRelu>("negative_slope", &LeakyRelu::negative_slope, "Slope below 0.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LeakyRelu);

}  // namespace

}  // namespace keratin
