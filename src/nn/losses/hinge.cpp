#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

namespace {

// Targets of which each is 0 or 1 become -1 and 1; others stay as they are.
Value signs(Value y_true) {
  const Value is_binary = ops::min(ops::maximum(ops::equal(y_true, 0), ops::equal(y_true, 1)));
  return ops::where(is_binary, y_true * 2.0 - 1.0, y_true);
}

Value margin(Value y_true, Value y_pred) {
  return ops::maximum(1.0 - signs(ops::cast(y_true, y_pred.dtype())) * y_pred, 0.0);
}

}  // namespace

Value hinge(Value y_true, Value y_pred) { return ops::mean(margin(y_true, y_pred), {-1}); }

Value squared_hinge(Value y_true, Value y_pred) {
  return ops::mean(ops::square(margin(y_true, y_pred)), {-1});
}

Value categorical_hinge(Value y_true, Value y_pred) {
  y_true = ops::cast(y_true, y_pred.dtype());
  const Value right = ops::sum(y_true * y_pred, {-1});
  const Value wrong = ops::max((1.0 - y_true) * y_pred, {-1});
  return ops::maximum(wrong - right + 1.0, 0.0);
}

namespace {

class Hinge : public Loss {
 public:
  KERATIN_CLASS
  Hinge() { name = "hinge"; }
  Value call(Value y_true, Value y_pred) const override { return hinge(y_true, y_pred); }
};

const ClassInfo& Hinge::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<Hinge>(
        "Hinge", "The mean of max(1 - y_true y_pred, 0); targets are -1 or 1, or 0 or 1.");
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Hinge);

class SquaredHinge : public Loss {
 public:
  KERATIN_CLASS
  SquaredHinge() { name = "squared_hinge"; }
  Value call(Value y_true, Value y_pred) const override { return squared_hinge(y_true, y_pred); }
};

const ClassInfo& SquaredHinge::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<SquaredHinge>(
        "SquaredHinge", "The mean of max(1 - y_true y_pred, 0)^2; targets are -1 or 1, or 0 or 1.");
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SquaredHinge);

class CategoricalHinge : public Loss {
 public:
  KERATIN_CLASS
  CategoricalHinge() { name = "categorical_hinge"; }
  Value call(Value y_true, Value y_pred) const override {
    return categorical_hinge(y_true, y_pred);
  }
};

const ClassInfo& CategoricalHinge::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = loss_info<CategoricalHinge>(
        "CategoricalHinge",
        "max(wrong - right + 1, 0): the largest score of a wrong class against the right one's.");
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CategoricalHinge);

}  // namespace
}  // namespace keratin
