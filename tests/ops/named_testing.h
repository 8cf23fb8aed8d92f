// Calling ops by Keras' names in tests.
#pragma once

#include <string>
#include <vector>

#include "expect_error.h"
#include "ops/named.h"

namespace keratin::ops {

inline Values called(const char* name, const std::vector<Spec>& specs, const Json& attributes) {
  static Graph graph;
  Values inputs;
  for (const Spec& spec : specs) inputs.push_back(graph.input("x", spec));
  return call_named(name, inputs, attributes);
}

// The error names the op and says this.
inline void expect_bad(const char* name, const std::vector<Spec>& specs, const Json& attributes,
                       const char* part) {
  EXPECT_ERROR(called(name, specs, attributes), Code::kInvalidArgument, part);
  EXPECT_ERROR(called(name, specs, attributes), Code::kInvalidArgument,
               "op '" + std::string(name) + "'");
}

inline std::vector<Spec> floating(const std::vector<Shape>& shapes) {
  std::vector<Spec> specs;
  for (const Shape& shape : shapes) specs.push_back({DType::kFloat32, shape});
  return specs;
}

}  // namespace keratin::ops
