// Connectionist temporal classification, Graves et al. 2006.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// labels: int32 [batch, labels]; a label of 0 is none, and as many as are not 0 count, from the
// first. logits: floating [batch, time, classes]; class 0 is the blank. Out: [batch], -log of the
// probability of the labels; about 1e5 where they do not fit into the time, as in Keras.
Value ctc_loss(Value labels, Value logits);

}  // namespace keratin::ops
