// A variable: elements that live longer than a run: weights, moving statistics, seeds, metric and
// optimizer state.
#pragma once

#include <memory>
#include <string>

#include "core/tensor.h"

namespace keratin {

struct Variable {
  std::string name;  // "kernel"
  std::string path;  // "dense_1/kernel"
  Tensor value;      // replaced only while no plan runs; plans notice by its address
  bool trainable = false;
  bool is_seed_state = false;  // state of a random generator: saved, yet not one of the weights

  Variable(std::string n, Tensor v, bool t)
      : name(std::move(n)), value(std::move(v)), trainable(t) {}
};
using VariablePtr = std::shared_ptr<Variable>;

}  // namespace keratin
