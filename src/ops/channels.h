// Where the channels of images (sequences, volumes) stand.
#pragma once

#include <string_view>

#include "graph/graph.h"

namespace keratin::ops {

// x with the channels last, and back; nothing for "channels_last" and for fewer than three axes.
Value to_channels_last(Value x, std::string_view data_format);
Value from_channels_last(Value x, std::string_view data_format);

}  // namespace keratin::ops
