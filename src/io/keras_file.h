// Keras' files: `.keras` archives and `.weights.h5`.
#pragma once

#include <string>

#include "model/model.h"

namespace keratin::io {

// Loads a `.keras` archive, or a whole model in HDF5 as Keras 2 wrote it: architecture, weights,
// and where it was compiled (and `compile` is not false), compile() and the optimizer's state.
// Errors name the file, the layer, the variable, the shapes expected and given; nothing in the file
// is executed.
ModelPtr load_model(const std::string& path, bool compile = true);
// Writes a `.keras` archive that Keras 3.15.1 opens, compiled and with the optimizer's state where
// there is one. Throws kInvalidArgument unless the path ends in ".keras", as Keras wants it.
void save_model(const Model& model, const std::string& path);

// Standalone `.weights.h5`, the weights of a `.keras` archive, or Keras 2's weights in HDF5. All
// shapes are checked before any weight changes. As in Keras, an optimizer gets its state if the
// model is compiled and both have the same number of variables.
void load_weights(Model& model, const std::string& path);
void save_weights(const Model& model, const std::string& path);  // the path ends in ".weights.h5"

}  // namespace keratin::io
