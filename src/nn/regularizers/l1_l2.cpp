#include "nn/regularizers/regularizer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

class L1 : public Regularizer {
 public:
  double l1 = 0.01;

  KERATIN_CLASS
  void configured() override { l1 = float(l1); }  // Keras keeps, and writes, a float32
  Value call(Value x) const override { return l1 * ops::sum(ops::abs(x)); }
};

const ClassInfo& L1::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<L1>("regularizers", "L1", "keras.regularizers",
                                 "l1 times the sum of the absolute values.");
    c.attributes = {attribute<L1>("l1", &L1::l1, "Factor.").at_least(0)};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(L1);

class L2 : public Regularizer {
 public:
  double l2 = 0.01;

  KERATIN_CLASS
  Value call(Value x) const override { return l2 * ops::sum(ops::square(x)); }
};

const ClassInfo& L2::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<L2>("regularizers", "L2", "keras.regularizers",
                                 "l2 times the sum of the squares.");
    c.attributes = {attribute<L2>("l2", &L2::l2, "Factor.").at_least(0)};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(L2);

class L1L2 : public Regularizer {
 public:
  double l1 = 0, l2 = 0;

  KERATIN_CLASS
  Value call(Value x) const override {
    Value loss = l1 != 0 || l2 == 0 ? l1 * ops::sum(ops::abs(x)) : Value{};
    if (l2 != 0) {
      const Value squares = l2 * ops::sum(ops::square(x));
      loss = loss ? loss + squares : squares;
    }
    return loss;
  }
};

const ClassInfo& L1L2::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<L1L2>("regularizers", "L1L2", "keras.regularizers",
                                   "The penalties of L1 and L2 together.");
    c.aliases = {"l1_l2"};
    c.attributes = {attribute<L1L2>("l1", &L1L2::l1, "Factor of the absolute values.").at_least(0),
                    attribute<L1L2>("l2", &L1L2::l2, "Factor of the squares.").at_least(0)};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(L1L2);

}  // namespace
}  // namespace keratin
