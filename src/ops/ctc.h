// Connectionist temporal classification, Graves et al. 2006.
#pragma once

#include <utility>

#include "graph/graph.h"

namespace keratin::ops {

// labels: int32 [batch, labels]; logits: floating [batch, time, classes], class `blank` being the
// blank; how many labels and times of each sequence count: int32 [batch]. Out: [batch], -log of the
// probability of the labels; about 1e5 where they do not fit into the time, as in Keras.
Value ctc_loss(Value labels, Value logits, Value label_counts, Value times, std::int64_t blank);
// All times, and as many labels as are not 0, from the first; class 0 is the blank.
Value ctc_loss(Value labels, Value logits);

// The likeliest labels: logits [batch, time, classes], times int32 [batch] -> int32 [paths, batch,
// time], -1 after the last label, and the logarithms of their probabilities [batch, paths]; -inf
// where there are not so many. A prefix beam search that keeps `width` ways. No gradient.
std::pair<Value, Value> ctc_beam_search(Value logits, Value times, std::int64_t width,
                                        std::int64_t paths, std::int64_t blank);

}  // namespace keratin::ops
