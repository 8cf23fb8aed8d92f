// How often predictions equal targets.
#include "nn/losses/loss.h"
#include "nn/metrics/mean.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

class AccuracyBase : public MeanMetric {
 public:
  Direction direction() const override { return Direction::kUp; }
};

class Accuracy : public AccuracyBase {
 public:
  KERATIN_CLASS
  Accuracy() { name = "accuracy"; }

  Value values(Value y_true, Value y_pred) const override {
    const auto [t, p] = squeeze_or_expand_to_same_rank(ops::cast(y_true, y_pred.dtype()), y_pred);
    return ops::equal(t, p);
  }
};

const ClassInfo& Accuracy::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<Accuracy>("metrics", "Accuracy", "keras.metrics",
                                       "How often predictions equal targets.");
    c.attributes = base_attributes<Accuracy>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Accuracy);

class BinaryAccuracy : public AccuracyBase {
 public:
  double threshold = 0.5;

  KERATIN_CLASS
  BinaryAccuracy() { name = "binary_accuracy"; }

  Value values(Value y_true, Value y_pred) const override {
    const auto [t, p] = squeeze_or_expand_to_same_rank(ops::cast(y_true, y_pred.dtype()), y_pred);
    return ops::equal(t, ops::greater(p, threshold));
  }
};

const ClassInfo& BinaryAccuracy::describe() {
  static const ClassInfo info = [] {
    using C = BinaryAccuracy;
    ClassInfo c = class_info<C>("metrics", "BinaryAccuracy", "keras.metrics",
                                "How often predictions are on the side of the threshold where the "
                                "targets, 0 or 1, are.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(
        attribute<C>("threshold", &C::threshold, "Predictions above it stand for 1."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(BinaryAccuracy);

class CategoricalAccuracy : public AccuracyBase {
 public:
  KERATIN_CLASS
  CategoricalAccuracy() { name = "categorical_accuracy"; }

  Value values(Value y_true, Value y_pred) const override {
    require(y_true.rank() == y_pred.rank() && y_pred.rank() > 0,
            "expected one-hot targets of the predictions' rank, got targets of ",
            to_string(y_true.shape()), " and predictions of ", to_string(y_pred.shape()));
    return ops::equal(ops::argmax(ops::cast(y_true, y_pred.dtype()), -1), ops::argmax(y_pred, -1));
  }
};

const ClassInfo& CategoricalAccuracy::describe() {
  static const ClassInfo info = [] {
    using C = CategoricalAccuracy;
    ClassInfo c = class_info<C>("metrics", "CategoricalAccuracy", "keras.metrics",
                                "How often the most probable class is that of one-hot targets.");
    c.attributes = base_attributes<C>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CategoricalAccuracy);

class SparseCategoricalAccuracy : public AccuracyBase {
 public:
  KERATIN_CLASS
  SparseCategoricalAccuracy() { name = "sparse_categorical_accuracy"; }

  Value values(Value y_true, Value y_pred) const override {
    if (y_true.rank() == y_pred.rank() && y_true.rank() > 0 && y_true.shape().back() == 1)
      y_true = ops::squeeze(y_true, -1);
    const Value best = ops::cast(ops::argmax(y_pred, -1), DType::kFloat32);
    const Value matches = ops::equal(ops::cast(y_true, DType::kFloat32), best);
    const bool squeezable = matches.rank() > 1 && matches.shape().back() == 1;
    return squeezable ? ops::squeeze(matches, -1) : matches;
  }
};

const ClassInfo& SparseCategoricalAccuracy::describe() {
  static const ClassInfo info = [] {
    using C = SparseCategoricalAccuracy;
    ClassInfo c = class_info<C>("metrics", "SparseCategoricalAccuracy", "keras.metrics",
                                "How often the most probable class is the target.");
    c.attributes = base_attributes<C>();
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SparseCategoricalAccuracy);

}  // namespace
}  // namespace keratin
