// The base of layers that combine their inputs element by element.
#pragma once

#include <limits>

#include "nn/layers/layer.h"

namespace keratin {

// Inputs broadcast against each other; one of a lower rank gets axes of 1 after its batch axis, so
// that its other axes are aligned from the right.
class Merge : public Layer {
 public:
  std::pair<int, int> input_count() const override { return {1, std::numeric_limits<int>::max()}; }
  bool supports_masking() const override { return true; }
  // Where any input counts; none where an input carries no mask.
  Value compute_mask(CallContext& context, std::span<const Value> inputs) const override;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;

 protected:
  // Two inputs of one rank; called along the list of inputs, from the left.
  virtual Value combine(Value a, Value b) const = 0;
};

}  // namespace keratin
