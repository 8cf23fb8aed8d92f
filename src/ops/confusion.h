// Weighted confusion counts at many thresholds at once, for AUC and its kin.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

// y_true (0 or 1), y_pred (0..1), weights: float32 of one shape [n, labels]; thresholds ascending.
// Out: [4, thresholds, labels or 1]: true positives, false positives, true negatives, false
// negatives, where a prediction is positive if y_pred > threshold. `multi_label` keeps labels
// apart, else all are summed.
Value confusion_counts(Value y_true, Value y_pred, Value weights, std::vector<float> thresholds,
                       bool multi_label);

}  // namespace keratin::ops
