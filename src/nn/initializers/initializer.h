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

// While one lives, weights that its thread makes are zeros and draw no random numbers: of a model
// whose weights are about to be read from a file.
class WithoutInitialValues {
 public:
  WithoutInitialValues() : before_(is_on) { is_on = true; }
  ~WithoutInitialValues() { is_on = before_; }
  WithoutInitialValues(const WithoutInitialValues&) = delete;
  WithoutInitialValues& operator=(const WithoutInitialValues&) = delete;
  static inline thread_local bool is_on = false;

 private:
  bool before_;
};

// What layers have by default.
InitializerPtr zeros();
InitializerPtr ones();
InitializerPtr glorot_uniform();
InitializerPtr orthogonal();

}  // namespace keratin
