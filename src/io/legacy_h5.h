// Models and weights in the HDF5 layout of Keras 2: read, not written.
#pragma once

#include <string>

#include "io/hdf5.h"
#include "model/model.h"

namespace keratin::io {

// Whether the tree is laid out so: a whole model, or weights by layer names.
bool is_legacy(const Hdf5Group& root);

// A whole model, compiled with the optimizer's state where the file has both and `compile` is not
// false. Errors name the layer.
ModelPtr load_legacy_model(const Hdf5Group& root, bool compile);

// Weights by the order of layers that have any, as Keras reads them. All is checked before any
// weight changes; errors name layer and weight.
void load_legacy_weights(Model& model, const Hdf5Group& root);

}  // namespace keratin::io
