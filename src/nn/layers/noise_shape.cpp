#include "nn/layers/noise_shape.h"

#include "core/error.h"
#include "ops/shape.h"

namespace keratin {

Value narrowed(Value x, const NoiseShape& shape) {
  if (!shape) return x;
  require(shape->size() == x.rank(), "noise_shape has ", shape->size(), " axes, the input ",
          to_string(x.shape()), " has ", x.rank());
  Value like = x;
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    const auto extent = (*shape)[axis];
    if (!extent || extent == x.shape()[axis]) continue;
    require(extent == 1, "noise_shape[", axis, "] is ", *extent,
            "; expected 1, null or the extent of the input ", to_string(x.shape()));
    like = ops::slice(like, int(axis), 0, 1);
  }
  return like;
}

}  // namespace keratin
