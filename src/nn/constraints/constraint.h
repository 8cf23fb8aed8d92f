// Projections applied to weights after each optimizer step.
#pragma once

#include "core/registry.h"
#include "core/tensor.h"

namespace keratin {

class Constraint : public Object {
 public:
  static constexpr const char* kKind = "constraints";
  virtual void apply(Tensor& weight) const = 0;  // in place, float32
};
using ConstraintPtr = std::shared_ptr<Constraint>;

}  // namespace keratin
