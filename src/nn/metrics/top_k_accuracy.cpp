// How often the right class is among the k most probable ones.
#include <cmath>

#include "nn/metrics/mean.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// 1 where fewer than k predictions are larger than that of the class: indices [...], predictions
// [..., classes]. A negative index counts from the end; one that is none is never right.
Value in_top_k(Value indices, Value y_pred, std::int64_t k) {
  const std::int64_t classes = y_pred.shape().back();
  Value index = ops::cast(indices, DType::kFloat32);
  index = index + ops::less(index, 0.0) * double(classes);
  const Value is_it = ops::one_hot(ops::cast(index, DType::kInt32), classes, y_pred.dtype());
  const Value own = ops::max(ops::where(is_it, y_pred, -HUGE_VAL), {-1}, true);
  return ops::less(ops::sum(ops::greater(y_pred, own), {-1}), double(k));
}

class TopKAccuracy : public MeanMetric {
 public:
  std::int64_t k = 5;
  Direction direction() const override { return Direction::kUp; }

 protected:
  template <class C>
  static Attribute k_attribute() {
    return attribute<C>("k", &C::k, "How many classes are looked at.").at_least(1);
  }
};

class TopKCategoricalAccuracy : public TopKAccuracy {
 public:
  KERATIN_CLASS
  TopKCategoricalAccuracy() { name = "top_k_categorical_accuracy"; }
  Value values(Value y_true, Value y_pred) const override {
    return in_top_k(ops::argmax(ops::cast(y_true, y_pred.dtype()), -1), y_pred, k);
  }
};

const ClassInfo& TopKCategoricalAccuracy::describe() {
  using C = TopKCategoricalAccuracy;
  static const ClassInfo info = [] {
    ClassInfo c =
        metric_info<C>("TopKCategoricalAccuracy",
                       "How often the class of one-hot targets is among the k most probable ones.",
                       {k_attribute<C>()});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(TopKCategoricalAccuracy);

class SparseTopKCategoricalAccuracy : public TopKAccuracy {
 public:
  bool from_sorted_ids = false;

  KERATIN_CLASS
  SparseTopKCategoricalAccuracy() { name = "sparse_top_k_categorical_accuracy"; }
  Value values(Value y_true, Value y_pred) const override {
    if (y_true.rank() == y_pred.rank() && y_true.rank() > 1 && y_true.shape().back() == 1)
      y_true = ops::squeeze(y_true, -1);
    if (!from_sorted_ids) return in_top_k(y_true, y_pred, k);
    const std::int64_t most = std::min(k, y_pred.shape().back());
    const Value first = ops::slice(ops::cast(y_pred, DType::kFloat32), -1, 0, most);
    return ops::max(ops::equal(ops::expand_dims(ops::cast(y_true, DType::kFloat32), -1), first),
                    {-1});
  }
};

const ClassInfo& SparseTopKCategoricalAccuracy::describe() {
  using C = SparseTopKCategoricalAccuracy;
  static const ClassInfo info = metric_info<C>(
      "SparseTopKCategoricalAccuracy",
      "How often the target, a class index, is among the k most probable classes.",
      {k_attribute<C>()},
      {attribute<C>("from_sorted_ids", &C::from_sorted_ids,
                    "Whether predictions are class indices, the most probable first.")
           .omitted_if_default()});
  return info;
}
KERATIN_REGISTER(SparseTopKCategoricalAccuracy);

}  // namespace
}  // namespace keratin
