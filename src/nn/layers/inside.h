// What layers with layers inside share.
#pragma once

#include "nn/layers/layer.h"

namespace keratin {

// As Keras writes them as attributes: with the build_config of what is built.
Json serialize_built(const LayerPtr& layer);
Json serialize_built(const std::vector<LayerPtr>& layers);

// The names under which Keras' files keep the layers of a list: "cells/lstm_cell",
// "cells/lstm_cell_1".
std::vector<std::pair<std::string, LayerPtr>> numbered(const char* list,
                                                       const std::vector<LayerPtr>& layers);

}  // namespace keratin
