// Keras' RematScope (gradient checkpointing): which layers compute what lies inside them again for
// the gradients, rather than keep it. A setting of the process that layers take over when they are
// made; any thread. Of layers within such a layer nothing more is kept; a model that is trained is
// no such layer itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace keratin {

struct Remat {
  enum class Mode {
    kNone,
    kFull,          // every layer
    kActivations,   // the activation functions of layers that have one
    kLargerThan,    // layers whose outputs have more elements than the threshold
    kListOfLayers,  // those of these names
  };
  Mode mode = Mode::kNone;
  std::int64_t output_size_threshold = 1024;
  std::vector<std::string> layer_names;

  // Whether a call of the layer of this name with these outputs is computed again. A batch axis
  // counts as 1, as in Keras.
  bool takes(std::string_view layer, const std::vector<Value>& outputs) const;
};

// "full", "activations", "larger_than", "list_of_layers", "none"; throws kInvalidArgument.
Remat::Mode remat_mode(std::string_view name);

void set_remat(Remat remat);
Remat remat();

}  // namespace keratin
