#include "nn/activations/activation.h"
#include "ops/elementwise.h"

namespace keratin {
namespace {

// The sigmoids, and the functions that are x times one of them.

// A sigmoid of three straight lines, flat where it turns.
Value hard_sigmoid(Value x) {
  const Value inner = x / 6.0 + 0.5;
  return ops::where(ops::less(inner, 1.0), ops::relu(inner), 1.0);
}

class Sigmoid : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return ops::sigmoid(x); }
};

const ClassInfo& Sigmoid::describe() {
  static const ClassInfo info = activation_info<Sigmoid>("sigmoid", "1 / (1 + e^-x).");
  return info;
}
KERATIN_REGISTER(Sigmoid);

class LogSigmoid : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return -ops::softplus(-x); }
};

const ClassInfo& LogSigmoid::describe() {
  static const ClassInfo info = activation_info<LogSigmoid>("log_sigmoid", "log(1 / (1 + e^-x)).");
  return info;
}
KERATIN_REGISTER(LogSigmoid);

class HardSigmoid : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return hard_sigmoid(x); }
};

const ClassInfo& HardSigmoid::describe() {
  static const ClassInfo info = activation_info<HardSigmoid>(
      "hard_sigmoid", "A sigmoid of three straight lines: x / 6 + 1 / 2, held within 0 and 1.");
  return info;
}
KERATIN_REGISTER(HardSigmoid);

class SparseSigmoid : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return 0.5 * ops::clip(x + 1.0, 0, 2); }
};

const ClassInfo& SparseSigmoid::describe() {
  static const ClassInfo info = activation_info<SparseSigmoid>(
      "sparse_sigmoid", "0 below -1, 1 above 1, straight between; the derivative of sparse_plus.");
  return info;
}
KERATIN_REGISTER(SparseSigmoid);

class Silu : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return x * ops::sigmoid(x); }
};

const ClassInfo& Silu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<Silu>("silu", "x sigmoid(x), also called swish.");
    c.aliases = {"swish"};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Silu);

class HardSilu : public Activation {
 public:
  KERATIN_CLASS
  Value call(Value x) const override { return x * hard_sigmoid(x); }
};

const ClassInfo& HardSilu::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<HardSilu>("hard_silu", "x hard_sigmoid(x).");
    c.aliases = {"hard_swish"};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(HardSilu);

}  // namespace

ActivationPtr sigmoid_activation() { return std::make_shared<Sigmoid>(); }

}  // namespace keratin
