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

// What layers have by default.
ActivationPtr linear();
ActivationPtr tanh_activation();
ActivationPtr sigmoid_activation();

// A ClassInfo for one of Keras' activation functions; its attributes are the function's other
// arguments.
template <class C>
ClassInfo activation_info(std::string name, std::string doc) {
  ClassInfo c = class_info<C>("activations", std::move(name), "keras.activations", std::move(doc));
  c.as_function = true;
  return c;
}

// The activation applied, or x itself where it is NULL (linear): for the layers' use.
Value activate(const ActivationPtr& activation, Value x);

}  // namespace keratin
