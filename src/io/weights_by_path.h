// A model's weights by their paths, "dense/kernel": for formats that know names and arrays alone.
#pragma once

#include <map>
#include <string>

#include "model/model.h"

namespace keratin::io {

// The tensors share the variables' memory. Throws kUnsupported where two weights have one path.
std::map<std::string, Tensor> weights_by_path(const Model& model);

// Sets all weights. Every one must be there, in its shape, and nothing else; checked before
// anything changes.
void set_weights_by_path(Model& model, const std::map<std::string, Tensor>& tensors);

}  // namespace keratin::io
