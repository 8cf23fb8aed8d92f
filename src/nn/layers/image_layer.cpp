#include "nn/layers/image_layer.h"

#include <algorithm>

#include "ops/shape.h"

namespace keratin {
namespace {

bool is_first(const std::string& data_format) { return data_format == "channels_first"; }

}  // namespace

Value to_channels_last(Value x, const std::string& data_format) {
  if (!is_first(data_format) || x.rank() < 3) return x;
  std::vector<int> order{0};
  for (int axis = 2; axis < int(x.rank()); ++axis) order.push_back(axis);
  order.push_back(1);
  return ops::transpose(x, order);
}

Value from_channels_last(Value x, const std::string& data_format) {
  if (!is_first(data_format) || x.rank() < 3) return x;
  std::vector<int> order{0, int(x.rank()) - 1};
  for (int axis = 1; axis + 1 < int(x.rank()); ++axis) order.push_back(axis);
  return ops::transpose(x, order);
}

Shape to_channels_last(Shape shape, const std::string& data_format) {
  if (is_first(data_format) && shape.size() > 2)
    std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
  return shape;
}

void expand_to_axes(const Layer& layer, const char* attribute, std::vector<std::int64_t>& values,
                    std::size_t axes) {
  if (values.size() == 1) values.resize(axes, values[0]);
  require(values.size() == axes, "layer '", layer.name, "' (", layer.info().name, "): expected ",
          attribute, " to be one number or ", axes, ", got ", Json(values).dump());
}

void require_axes(std::size_t rank, std::size_t axes, const Shape& shape) {
  require(rank == axes + 2, "expected an input of rank ", axes + 2, ", got shape ",
          to_string(shape));
}

}  // namespace keratin
