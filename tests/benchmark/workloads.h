// The fixed workloads, as compiled models.
#pragma once

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

}  // namespace bench
