// x[key]: basic indexing as Keras saves it.
#pragma once

#include "core/json.h"
#include "graph/graph.h"

namespace keratin::ops {

// `key`: an index, or a list of them, one for each axis from the first: an integer (the axis goes),
// {"class_name": "__slice__", "config": {"start", "stop", "step"}}, null (a new axis), or
// {"class_name": "__ellipsis__"}. Of a batch that is not known there is the whole, or one element.
// Throws kInvalidArgument, or kUnsupported for other keys.
Value get_item(Value x, const Json& key);

}  // namespace keratin::ops
