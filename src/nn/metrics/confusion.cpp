#include "nn/metrics/confusion.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nn/losses/functions.h"
#include "nn/losses/loss.h"
#include "ops/confusion.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// x where it is among the k largest of the last axis, else a number below all thresholds.
Value keep_largest(Value x, std::int64_t k) {
  const std::int64_t classes = x.shape().back();
  require(k <= classes, "top_k is ", k, ", the predictions have ", classes, " classes");
  Value rest = x, kept;
  for (std::int64_t i = 0; i < k; ++i) {  // the first of equals is the larger, as in Keras
    const Value largest = ops::one_hot(ops::argmax(rest, -1), classes);
    kept = kept ? kept + largest : largest;
    rest = ops::where(largest, -HUGE_VAL, rest);
  }
  return ops::where(kept, x, -1e10);
}

Value of_class(Value x, std::int64_t class_id) {
  const std::int64_t classes = x.shape().back();
  const int index = normalize_axis(class_id, std::size_t(classes));
  return ops::slice(x, -1, index, index + 1);
}

}  // namespace

bool are_evenly_spaced(const std::vector<double>& thresholds) {
  const std::size_t n = thresholds.size();
  if (n < 3) return false;
  for (std::size_t i = 0; i < n; ++i) {
    const double even = float(i) / float(n - 1);
    if (!(std::abs(thresholds[i] - even) <= kEpsilon + 1e-5 * even)) return false;
  }
  return true;
}

std::vector<double> parse_thresholds(const Json& json, double otherwise) {
  if (json.is_null()) return {otherwise};
  const auto thresholds = JsonTraits<std::vector<double>>::read(json);
  require(!thresholds.empty(), "expected a threshold or several, got none");
  for (const double threshold : thresholds)
    require(threshold >= 0 && threshold <= 1, "expected thresholds from 0 to 1, got ", threshold);
  return thresholds;
}

ConfusionCounts count_confusion(Value y_true, Value y_pred, Value sample_weight,
                                const ConfusionOptions& options) {
  y_true = ops::cast(y_true, DType::kFloat32);
  y_pred = ops::cast(y_pred, DType::kFloat32);
  std::tie(y_pred, y_true) = squeeze_or_expand_to_same_rank(y_pred, y_true);
  require_same_shape(y_true, y_pred);
  Value weight;
  if (sample_weight) {
    weight = ops::expand_dims(ops::cast(sample_weight, DType::kFloat32), -1);
    weight = squeeze_or_expand_to_same_rank(y_true, weight, false).second;
  }
  if (options.top_k) y_pred = keep_largest(y_pred, *options.top_k);
  if (options.class_id) {
    require(y_pred.rank() >= 2, "class_id needs predictions of rank 2, got ",
            to_string(y_pred.shape()));
    y_true = of_class(y_true, *options.class_id);
    y_pred = of_class(y_pred, *options.class_id);
  }
  y_true = 1.0 - ops::equal(y_true, 0.0);
  weight = weight ? ops::broadcast_like(weight, y_pred) : ops::ones_like(y_pred);
  if (!options.label_weights.empty()) {
    const std::vector<float> labels(options.label_weights.begin(), options.label_weights.end());
    const std::int64_t count = std::int64_t(labels.size());
    require(y_pred.shape().back() == count, "label_weights has ", count,
            " entries, the predictions have shape ", to_string(y_pred.shape()));
    weight = weight * y_pred.graph().constant(Tensor::of<float>({count}, labels));
  }

  // Ascending, for the op.
  const std::size_t n = options.thresholds.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return options.thresholds[a] < options.thresholds[b];
  });
  std::vector<float> thresholds(n);
  for (std::size_t i = 0; i < n; ++i) thresholds[i] = float(options.thresholds[order[i]]);
  if (options.evenly_spaced) {
    // The last threshold a prediction is above, by number; compared with the numbers themselves.
    y_pred = ops::clip(y_pred, 0, 1) * double(n - 1);
    y_pred = ops::negative(ops::floor(ops::negative(y_pred))) - 1.0;
    if (options.ends_widened) y_pred = ops::relu(y_pred);
    for (std::size_t i = 0; i < n; ++i) thresholds[i] = float(i) - 0.5f;
  }
  if (!options.multi_label) {
    y_true = ops::reshape(y_true, {kUnknown, 1});
    y_pred = ops::reshape(y_pred, {kUnknown, 1});
    weight = ops::reshape(weight, {kUnknown, 1});
  }
  Value counts = ops::confusion_counts(y_true, y_pred, weight, thresholds, options.multi_label);

  if (!std::is_sorted(order.begin(), order.end())) {  // back to the order given
    std::vector<Value> rows(n);
    for (std::size_t i = 0; i < n; ++i)
      rows[order[i]] = ops::slice(counts, 1, std::int64_t(i), std::int64_t(i) + 1);
    counts = ops::concatenate(rows, 1);
  }
  Shape shape = {std::int64_t(n)};
  if (options.multi_label) shape.push_back(counts.shape()[2]);
  const auto part = [&](int i) { return ops::reshape(ops::slice(counts, 0, i, i + 1), shape); };
  return {part(0), part(1), part(2), part(3)};
}

}  // namespace keratin
