// How much is cut from, or put around, each axis: a number for all, one for each axis, or a pair
// (before, after) for each; written as pairs.
#pragma once

#include "nn/layers/layer.h"

namespace keratin {

struct Margin {
  std::int64_t before, after;
};

// Reads `json` for this many axes and makes it what Keras writes; throws kInvalidArgument naming
// layer and attribute.
std::vector<Margin> read_margins(const Layer& layer, const char* attribute, Json& json,
                                 std::size_t axes);

}  // namespace keratin
