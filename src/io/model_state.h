// Where a model's variables stand in Keras' files: "layers/dense_1/vars/0" is the first variable of
// the second Dense layer, by class and order of appearance, whatever its name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "io/hdf5.h"
#include "model/model.h"

namespace keratin::io {

// The variables of all layers, their random state, and the optimizer's where there is one. The
// datasets share the variables' memory.
Hdf5Group write_state(const Model& model);

// Sets all of them. Everything is checked before anything changes; errors name layer and variable.
// Random state is optional (Keras keeps none), as is the optimizer's, which is set where
// the optimizer has as many variables as the file.
void read_state(Model& model, const Hdf5Group& root);

// The model of a file, whose weights are to be read.
ModelPtr without_initial_values(const Json& config);

// Quantizes the layers whose weights are int8 in the file though their configurations do not say
// so: Keras' MultiHeadAttention keeps quiet about its projections (and Keras cannot read that).
void quantize_as(Model& model, const Hdf5Group& root);

// What a file has for a variable, in the variable's dtype: all is read before any variable changes.
struct Assignment {
  VariablePtr variable;
  Tensor value;
};
void assign_all(const std::vector<Assignment>& assignments);

// Tells the layer and those inside that their weights came from a file.
void weights_loaded(Layer& layer);

// The files that layers keep beside their weights, by their place in the archive. Reading comes
// before read_state.
std::map<std::string, std::string> write_assets(const Model& model);
void read_assets(Model& model, const std::map<std::string, std::string>& members);

}  // namespace keratin::io
