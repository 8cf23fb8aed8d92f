// Keras' files: `.keras` archives and `.weights.h5`.
#pragma once

#include <string>

#include "model/model.h"

namespace keratin::io {

// Loads a `.keras` archive: architecture, weights, and where it was compiled, compile() and the
// optimizer's state. Errors name file and layer.
ModelPtr load_model(const std::string& path, bool compile = true);
// Writes a `.keras` archive that Keras 3.15.1 opens, compiled and with the optimizer's state where
// there is one.
void save_model(const Model& model, const std::string& path);

// Standalone `.weights.h5`. Loading checks all shapes before any weight changes.
void load_weights(Model& model, const std::string& path);
void save_weights(const Model& model, const std::string& path);

}  // namespace keratin::io
