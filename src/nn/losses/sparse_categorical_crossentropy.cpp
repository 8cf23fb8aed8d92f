#include "nn/losses/crossentropy.h"
#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

using Options = SparseCategoricalCrossentropyOptions;

// Class indices, without an axis of 1 in the place of the classes.
Value indices_of(Value y_true, Value y_pred, const Options& options) {
  const int axis = normalize_axis(options.axis, y_pred.rank());
  if (y_true.rank() == y_pred.rank() && y_true.shape()[std::size_t(axis)] == 1)
    y_true = ops::squeeze(y_true, axis);
  Shape expected = y_pred.shape();
  expected.erase(expected.begin() + axis);
  require(compatible(y_true.shape(), expected), "expected targets of shape ", to_string(expected),
          " for predictions of ", to_string(y_pred.shape()), ", got ", to_string(y_true.shape()));
  return y_true;
}

Value valid(Value indices, const Options& options) {
  const Value i = ops::cast(indices, DType::kFloat32);
  return 1.0 - ops::equal(i, double(*options.ignore_class));
}

}  // namespace

Value sparse_categorical_mask(Value y_true, Value y_pred, const Options& options) {
  if (!options.ignore_class) return {};
  return ops::cast(valid(indices_of(y_true, y_pred, options), options), y_pred.dtype());
}

Value sparse_categorical_crossentropy(Value y_true, Value y_pred, const Options& options) {
  const int axis = normalize_axis(options.axis, y_pred.rank());
  const int last = int(y_pred.rank()) - 1;
  Value indices = indices_of(y_true, y_pred, options);
  const Value counts = sparse_categorical_mask(y_true, y_pred, options);
  if (counts)  // harmless predictions where the loss is not wanted, so that gradients stay finite
    y_pred = ops::where(ops::expand_dims(counts, axis), y_pred, 1.0);

  const std::int64_t classes = y_pred.shape()[std::size_t(axis)];
  Value target = ops::one_hot(ops::cast(indices, DType::kInt32), classes, y_pred.dtype());
  if (axis != last) {
    std::vector<int> order;
    for (int i = 0; i < last; ++i) order.push_back(i);
    order.insert(order.begin() + axis, last);
    target = ops::transpose(target, order);
  }
  const Value loss =
      -ops::sum(target * log_probabilities(y_pred, options.from_logits, axis), {axis});
  return counts ? ops::where(counts, loss, 0.0) : loss;
}

namespace {

class SparseCategoricalCrossentropy : public Loss, public Options {
 public:
  KERATIN_CLASS
  SparseCategoricalCrossentropy() { name = "sparse_categorical_crossentropy"; }
  Value call(Value y_true, Value y_pred) const override {
    return sparse_categorical_crossentropy(y_true, y_pred, *this);
  }
  Value mask(Value y_true, Value y_pred) const override {
    return sparse_categorical_mask(y_true, y_pred, *this);
  }
};

const ClassInfo& SparseCategoricalCrossentropy::describe() {
  static const ClassInfo info = [] {
    using C = SparseCategoricalCrossentropy;
    ClassInfo c = class_info<C>("losses", "SparseCategoricalCrossentropy", "keras.losses",
                                "-log(y_pred) of the class whose index is the target.");
    std::vector<Attribute> base = base_attributes<C>();
    c.attributes = {
        attribute<C>("from_logits", &C::from_logits,
                     "Whether predictions are logits rather than probabilities."),
        attribute<C>("ignore_class", &C::ignore_class, "Targets of this class have no loss."),
        base[0],
        // Keras does not write it; what is not its default is kept.
        attribute<C>("axis", &C::axis, "The axis of the classes.").omitted_if_default(),
        base[1],
        base[2],
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(SparseCategoricalCrossentropy);

}  // namespace
}  // namespace keratin
