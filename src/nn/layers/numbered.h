// The names under which Keras' files keep the layers of a list: "cells/lstm_cell",
// "cells/lstm_cell_1".
#pragma once

#include <map>

#include "nn/layers/layer.h"
#include "nn/layers/snake_name.h"

namespace keratin {

inline std::vector<std::pair<std::string, LayerPtr>> numbered(const char* list,
                                                              const std::vector<LayerPtr>& layers) {
  std::vector<std::pair<std::string, LayerPtr>> named;
  std::map<std::string, int> counts;
  for (const LayerPtr& layer : layers) {
    const std::string kind = snake_name(layer->info());
    const int count = counts[kind]++;
    named.emplace_back(concat(list, "/", kind, count ? concat("_", count) : ""), layer);
  }
  return named;
}

}  // namespace keratin
