// What a plan consists of; shared by the planner and the workspace, of nobody else's concern.
#pragma once

#include <string>
#include <vector>

#include "graph/plan.h"

namespace keratin {

struct Plan::Impl {
  enum class Place { kArena, kInput, kOutput, kVariable, kConstant };
  struct Buffer {
    Place place = Place::kArena;
    std::size_t bytes = 0;
    int first = 0, last = -1;  // steps between which its elements matter; first < 0: not used
    std::size_t offset = 0;    // in the arena
    Tensor constant = {};
    std::vector<std::size_t> reads = {}, writes = {};  // where it stands in `in` and `out`
  };
  struct Step {
    Kernel kernel;
    std::string name;
    std::size_t first_in = 0, first_out = 0;  // in `in` and `out`
    std::vector<char> may_overwrite;          // one an operand
    std::size_t scratch = 0;                  // offset in the arena
  };
  struct Output {
    int buffer;
    Spec spec;
    std::size_t bytes;
    bool alone;  // made by a step and no other output: may be written elsewhere
  };
  struct VariableUse {
    VariablePtr variable;
    int buffer = -1;  // -1: only assigned
  };
  struct Assign {
    int source;    // buffer
    int stage;     // buffer to go by, or -1
    int variable;  // in `variables`
    std::size_t bytes;
  };

  std::vector<Spec> input_specs;
  std::vector<int> input_buffers;  // -1: nobody reads it
  std::vector<Buffer> buffers;
  std::vector<Step> steps;
  std::vector<int> in,
      out;  // buffers of the operands and results of all steps; -1: only its shape matters
  std::vector<Output> outputs;
  std::vector<VariableUse> variables;
  std::vector<Assign> assigns;
  std::size_t arena_bytes = 0, live_bytes = 0;
};

}  // namespace keratin
