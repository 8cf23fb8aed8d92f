// Activation functions. Registered under Keras' function names, kind "activations", as_function.
#pragma once

#include "core/registry.h"
#include "graph/graph.h"

namespace keratin {

class Activation : public Object {
 public:
  static constexpr const char* kKind = "activations";
  virtual Value call(Value x) const = 0;
};
using ActivationPtr = std::shared_ptr<Activation>;

ActivationPtr linear();

// The activation applied, or x itself where it is NULL (linear).
inline Value activate(const ActivationPtr& activation, Value x) {
  return activation ? activation->call(x) : x;
}

}  // namespace keratin
