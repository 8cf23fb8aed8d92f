// An op of ops/named.h as a layer: what an op called in a functional model becomes.
#pragma once

#include "nn/layers/layer.h"

namespace keratin {

class Operation : public Layer {
 public:
  std::string op;
  Json attributes;

  KERATIN_CLASS
  void configured() override;
  std::pair<int, int> input_count() const override;
  bool autocast() const override { return false; }
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;
};

}  // namespace keratin
