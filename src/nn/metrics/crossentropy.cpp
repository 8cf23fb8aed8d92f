// Cross-entropies as metrics: the losses' functions, their mean over an epoch.
#include "nn/losses/functions.h"
#include "nn/metrics/mean.h"

namespace keratin {
namespace {

class BinaryCrossentropy : public MeanMetric, public BinaryCrossentropyOptions {
 public:
  KERATIN_CLASS
  BinaryCrossentropy() { name = "binary_crossentropy"; }
  Direction direction() const override { return Direction::kDown; }

  Value values(Value y_true, Value y_pred) const override {
    return binary_crossentropy(y_true, y_pred, *this);
  }
};

template <class C>
Attribute logits_attribute() {
  return attribute<C>("from_logits", &C::from_logits,
                      "Whether predictions are logits rather than probabilities.");
}

const ClassInfo& BinaryCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = BinaryCrossentropy;
    ClassInfo c = class_info<C>("metrics", "BinaryCrossentropy", "keras.metrics",
                                "-(y_true log(y_pred) + (1 - y_true) log(1 - y_pred)).");
    c.aliases = {"bce", "BCE"};
    c.attributes = base_attributes<C>();
    c.attributes.push_back(logits_attribute<C>());
    c.attributes.push_back(
        attribute<C>("label_smoothing", &C::label_smoothing, "How far targets are drawn to 1/2."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(BinaryCrossentropy);

class CategoricalCrossentropy : public MeanMetric, public CategoricalCrossentropyOptions {
 public:
  KERATIN_CLASS
  CategoricalCrossentropy() { name = "categorical_crossentropy"; }
  Direction direction() const override { return Direction::kDown; }

  Value values(Value y_true, Value y_pred) const override {
    return categorical_crossentropy(y_true, y_pred, *this);
  }
};

const ClassInfo& CategoricalCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = CategoricalCrossentropy;
    ClassInfo c = class_info<C>("metrics", "CategoricalCrossentropy", "keras.metrics",
                                "The sum of -y_true log(y_pred) over the classes.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(logits_attribute<C>());
    c.attributes.push_back(attribute<C>("label_smoothing", &C::label_smoothing,
                                        "How far targets are drawn to equal probabilities."));
    c.attributes.push_back(attribute<C>("axis", &C::axis, "The axis of the classes."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(CategoricalCrossentropy);

class SparseCategoricalCrossentropy : public MeanMetric,
                                      public SparseCategoricalCrossentropyOptions {
 public:
  KERATIN_CLASS
  SparseCategoricalCrossentropy() { name = "sparse_categorical_crossentropy"; }
  Direction direction() const override { return Direction::kDown; }

  Value values(Value y_true, Value y_pred) const override {
    return sparse_categorical_crossentropy(y_true, y_pred, *this);
  }
  Value mask(Value y_true, Value y_pred) const override {
    return sparse_categorical_mask(y_true, y_pred, *this);
  }
};

const ClassInfo& SparseCategoricalCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = SparseCategoricalCrossentropy;
    ClassInfo c = class_info<C>("metrics", "SparseCategoricalCrossentropy", "keras.metrics",
                                "-log(y_pred) of the class whose index is the target.");
    c.attributes = base_attributes<C>();
    c.attributes.push_back(logits_attribute<C>());
    c.attributes.push_back(
        attribute<C>("ignore_class", &C::ignore_class, "Targets of this class count as 0."));
    c.attributes.push_back(attribute<C>("axis", &C::axis, "The axis of the classes."));
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SparseCategoricalCrossentropy);

}  // namespace
}  // namespace keratin
