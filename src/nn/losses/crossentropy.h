// What categorical losses share.
#pragma once

#include "graph/graph.h"

namespace keratin {

// The logarithms of the classes' probabilities: of logits, or of predictions divided by their sum
// along the axis and kept kEpsilon away from 0 and 1.
Value log_probabilities(Value y_pred, bool from_logits, int axis);

// One-hot targets drawn towards equal probabilities by so much; the classes are the last axis, as
// in Keras, whatever axis the loss takes them from.
Value smooth_classes(Value y_true, double label_smoothing);

}  // namespace keratin
