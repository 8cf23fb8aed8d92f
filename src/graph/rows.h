// Which graphs treat the rows of a batch each by itself, so that a batch may be computed some rows
// at a time: what lies between two ops then stays in the processor's caches.
#pragma once

#include "graph/op.h"

namespace keratin {

// Whether the first axis is the batch.
inline bool has_rows(const Value& value) {
  return !value.shape().empty() && value.shape()[0] == kUnknown;
}

// Whether the node's inputs (but `except`) broadcast to its first result such that a row meets the
// same row of the others, or what is the same for all.
bool rows_line_up(const Node& node, int except = -1);

// Whether each row of each output rests on the same row of the inputs alone. Asks Op::by_row; false
// where in doubt.
bool rows_are_apart(const Graph& graph);

}  // namespace keratin
