// The order of a functional model's layers and calls: Keras' own, for weights and files follow it.
#pragma once

#include <vector>

#include "model/symbolic.h"

namespace keratin {

struct Topology {
  std::vector<std::shared_ptr<CallNode>> nodes;  // topological, deepest first
  std::vector<LayerPtr>
      layers;  // deepest first, then in the order of the way back from the outputs
};

// Walks back from the outputs to the inputs. Throws kInvalidArgument where an output rests on an
// input that is not among `inputs`, or two layers have one name.
Topology sort_calls(const std::vector<KerasTensor>& inputs,
                    const std::vector<KerasTensor>& outputs);

}  // namespace keratin
