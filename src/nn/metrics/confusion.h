// True and false positives and negatives at thresholds, for AUC, Precision, Recall and their kin.
#pragma once

#include <optional>
#include <vector>

#include "core/json.h"
#include "graph/graph.h"

namespace keratin {

struct ConfusionOptions {
  std::vector<double> thresholds;  // a prediction above is positive; in any order
  // Thresholds are 0, 1/(n-1), ..., 1: a prediction's place among them is then computed, as in
  // Keras, which in float32 is not quite the same as comparing.
  bool evenly_spaced = false;
  bool ends_widened = false;          // the first is a little below 0: each prediction is above it
  std::optional<std::int64_t> top_k;  // only the k largest predictions of a sample may be positive
  std::optional<std::int64_t> class_id;  // only this class counts
  bool multi_label = false;              // labels (the last of two axes) are counted apart
  std::vector<double> label_weights;     // of the labels, where they are counted together
};

// Keras' test of thresholds for even spacing: at least 3, each within rounding of its place.
bool are_evenly_spaced(const std::vector<double>& thresholds);

// One number or a list, null for `otherwise`; throws kInvalidArgument outside 0 .. 1.
std::vector<double> parse_thresholds(const Json& json, double otherwise);

// Weighted counts of one batch: true positives, false positives, true negatives, false negatives;
// each [thresholds] or, multi_label, [thresholds, labels].
struct ConfusionCounts {
  Value true_positives, false_positives, true_negatives, false_negatives;
};
ConfusionCounts count_confusion(Value y_true, Value y_pred, Value sample_weight,
                                const ConfusionOptions& options);

}  // namespace keratin
