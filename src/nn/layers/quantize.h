// What layers that have an int8 form share: Keras' quantization_config.
#pragma once

#include <optional>
#include <vector>

#include "nn/layers/layer.h"
#include "ops/quantized.h"

namespace keratin {

// The configuration that quantize("int8") leaves, as Keras writes it.
Json int8_quantization_config();

// What belongs to an int8 weight of a layer.
struct Int8Weight {
  VariablePtr scale;        // of each column; NULL: not quantized
  VariablePtr input_scale;  // Layer::input_scale()
  // Keras' AbsMaxQuantizer of inputs; none: only the weight is quantized.
  std::optional<kernels::Int8Inputs> inputs = kernels::Int8Inputs();

  // Checks the configuration of a layer. Throws kUnsupported for what is not for int8.
  void read(const Layer& layer, const Json& config);
  // x [..., k] and kernel [k, n], or any shape that is read as that.
  Value matmul(Value x, const VariablePtr& kernel) const;
  ops::Int8Kernel operands(Graph& graph, const VariablePtr& kernel) const;
  // In the order of Keras' files.
  std::vector<VariablePtr> saved(const VariablePtr& kernel, const VariablePtr& bias) const;
};

}  // namespace keratin
