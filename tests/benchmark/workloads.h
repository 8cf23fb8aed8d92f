// The fixed workloads, as compiled models.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "keratin/keratin.hpp"

namespace bench {

struct Workload {
  kt::Model model;     // compiled
  std::int64_t batch;  // rows of a step
  std::int64_t steps;  // of a timed block
};

std::vector<std::string> workload_names();  // those whose layers the library has
// Throws kt::Error for an unknown name.
Workload make_workload(const std::string& name);
// That of a file NAME.keras, else as above.
Workload workload_of(const std::string& name);

// Rows for a compiled model: standard normal floats, or small integers.
std::vector<kt::Tensor> random_inputs(const kt::Model& model, std::int64_t rows,
                                      std::mt19937& random);
// Class indices where the loss takes them, else numbers of the output's shape.
std::vector<kt::Tensor> random_targets(const kt::Model& model, std::int64_t rows,
                                       std::mt19937& random);

}  // namespace bench
