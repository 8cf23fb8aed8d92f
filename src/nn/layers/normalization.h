// Standardisation of data by its own mean and variance, learned once from data.
#pragma once

#include "nn/layers/layer.h"
#include "nn/numbers.h"

namespace keratin {

// (inputs - mean) / sqrt(variance), one mean and variance for each position along `axis`. They are
// given, or learned by adapt(), or loaded.
class Normalization : public Layer {
 public:
  std::optional<std::vector<std::int64_t>> axis = {{-1}};
  bool invert = false;
  std::optional<Numbers> mean, variance;

  // Computes mean and variance of the data, [samples, ...] of any dtype, over all axes but `axis`.
  // Builds the layer if it is not built. Throws kState where mean and variance were given.
  void adapt(const Tensor& data) override;

  KERATIN_CLASS
  void configured() override;
  void build(std::span<const Shape> inputs) override;
  bool supports_masking() const override { return true; }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;

 private:
  std::vector<bool> kept_;  // for each axis of the input, whether it is one of `axis`
  Shape broadcast_shape_;   // the input's extent along kept axes, 1 along others
  VariablePtr mean_, variance_;
};

}  // namespace keratin
