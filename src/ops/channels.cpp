#include "ops/channels.h"

#include "ops/shape.h"

namespace keratin::ops {

Value to_channels_last(Value x, std::string_view data_format) {
  if (data_format != "channels_first" || x.rank() < 3) return x;
  std::vector<int> order{0};
  for (int axis = 2; axis < int(x.rank()); ++axis) order.push_back(axis);
  order.push_back(1);
  return transpose(x, order);
}

Value from_channels_last(Value x, std::string_view data_format) {
  if (data_format != "channels_first" || x.rank() < 3) return x;
  std::vector<int> order{0, int(x.rank()) - 1};
  for (int axis = 1; axis + 1 < int(x.rank()); ++axis) order.push_back(axis);
  return transpose(x, order);
}

}  // namespace keratin::ops
