#include "nn/layers/encode_categories.h"

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {

Value encode_categories(Value indices, const std::string& mode, std::int64_t depth, DType dtype,
                        Value weights) {
  if (mode == "int") return ops::cast(indices, dtype);
  if (mode == "one_hot") {
    if (indices.rank() > 1 && indices.shape().back() == 1) indices = ops::squeeze(indices, -1);
    return ops::one_hot(indices, depth, dtype);
  }
  require(indices.rank() >= 2, "expected an input of rank 2 or more for output_mode '", mode,
          "', got shape ", to_string(indices.shape()));
  Value hot = ops::one_hot(indices, depth, DType::kFloat32);
  if (weights) hot = hot * ops::expand_dims(ops::cast(weights, DType::kFloat32), -1);
  return ops::cast(mode == "multi_hot" ? ops::max(hot, {1}) : ops::sum(hot, {1}), dtype);
}

}  // namespace keratin
