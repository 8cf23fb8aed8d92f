// Initial values of weights.
#pragma once

#include "core/registry.h"
#include "core/tensor.h"

namespace keratin {

class Initializer : public Object {
 public:
  static constexpr const char* kKind = "initializers";
  // A new tensor of that shape. With a null seed each call draws from next_global_seed(); with a
  // seed, each call gives the same.
  virtual Tensor operator()(const Shape& shape, DType dtype = DType::kFloat32) const = 0;
};
using InitializerPtr = std::shared_ptr<Initializer>;

// What layers have by default.
InitializerPtr zeros();
InitializerPtr ones();
InitializerPtr glorot_uniform();
InitializerPtr orthogonal();

}  // namespace keratin
