#include "nn/layers/merge.h"

#include <algorithm>

#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin {

std::vector<Value> Merge::call(CallContext&, std::span<const Value> inputs) {
  std::size_t rank = 0;
  for (const Value& input : inputs) rank = std::max(rank, input.rank());
  Value merged;
  for (Value value : inputs) {
    require(value.rank() > 0 || rank == 0, "cannot merge a scalar with ", rank, " axes");
    while (value.rank() < rank) value = ops::expand_dims(value, 1);
    if (!merged) {
      merged = value;
      continue;
    }
    require(!rank || compatible({merged.shape()[0]}, {value.shape()[0]}),
            "cannot merge inputs of different batch sizes, ", to_string(merged.shape()), " and ",
            to_string(value.shape()));
    merged = combine(merged, value);
  }
  return {merged};
}

Value Merge::compute_mask(CallContext& context, std::span<const Value>) const {
  Value any;
  for (const Value& mask : context.masks) {
    if (!mask) return {};
    any = any ? ops::maximum(any, mask) : mask;
  }
  return any;
}

}  // namespace keratin
