#include "ops/softmax.h"
#include "nn/activations/activation.h"

namespace keratin {
namespace {

class Softmax : public Activation {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS
  Value call(Value x) const override { return ops::softmax(x, int(axis)); }
};

const ClassInfo& Softmax::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<Softmax>("softmax", "e^x over its sum along an axis.");
    c.attributes = {attribute<Softmax>("axis", &Softmax::axis, "The axis that sums to 1.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Softmax);

class LogSoftmax : public Activation {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS
  Value call(Value x) const override { return ops::log_softmax(x, int(axis)); }
};

const ClassInfo& LogSoftmax::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<LogSoftmax>("log_softmax", "The logarithm of softmax.");
    c.attributes = {attribute<LogSoftmax>("axis", &LogSoftmax::axis, "The axis of the softmax.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LogSoftmax);

class Sparsemax : public Activation {
 public:
  std::int64_t axis = -1;

  KERATIN_CLASS
  Value call(Value x) const override { return ops::sparsemax(x, int(axis)); }
};

const ClassInfo& Sparsemax::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = activation_info<Sparsemax>(
        "sparsemax",
        "The nearest point of the probability simplex along an axis, Martins & Astudillo 2016.");
    c.attributes = {attribute<Sparsemax>("axis", &Sparsemax::axis, "The axis that sums to 1.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Sparsemax);

}  // namespace

}  // namespace keratin
