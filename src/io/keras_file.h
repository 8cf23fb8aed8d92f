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

// Reads Keras' `.weights.h5`, the weights of a `.keras` archive, Keras 2's weights in HDF5, or
// weights by their paths in `.safetensors` and `.npz`. All shapes are checked before any weight
// changes. As in Keras, an optimizer gets its state if the model is compiled and both have the same
// number of variables; the files by paths hold none.
void load_weights(Model& model, const std::string& path);
// The ending says which: ".weights.h5", ".safetensors" or ".npz".
void save_weights(const Model& model, const std::string& path);

}  // namespace keratin::io
