// The start of a model: a placeholder for what is fed.
#pragma once

#include <optional>
#include <vector>

#include "nn/layers/layer.h"

namespace keratin {

// Made with `batch_shape`, or with `shape` and perhaps `batch_size`; once configured, batch_shape
// holds either. It has no inputs and is never called.
class InputLayer : public Layer {
 public:
  using Extents = std::vector<std::optional<std::int64_t>>;  // null: not known

  std::optional<Extents> batch_shape, shape;
  std::optional<std::int64_t> batch_size;
  std::optional<bool> sparse, ragged;
  bool optional = false;

  // What is fed; an extent that is null is kUnknown.
  Spec spec() const;

  KERATIN_CLASS
  void configured() override;
  std::pair<int, int> input_count() const override { return {0, 0}; }
  bool takes_list() const override { return false; }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;
};

}  // namespace keratin
