// Penalties on weights and activations.
#pragma once

#include "core/registry.h"
#include "graph/graph.h"

namespace keratin {

class Regularizer : public Object {
 public:
  static constexpr const char* kKind = "regularizers";
  virtual Value call(Value x) const = 0;  // a scalar
};
using RegularizerPtr = std::shared_ptr<Regularizer>;

}  // namespace keratin
