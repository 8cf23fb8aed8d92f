#include "nn/layers/image_layer.h"

#include <algorithm>

namespace keratin {

Shape to_channels_last(Shape shape, const std::string& data_format) {
  if (data_format == "channels_first" && shape.size() > 2)
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
