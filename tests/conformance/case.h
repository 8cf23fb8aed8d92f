// A conformance case as it lies on disk: case.json, data.safetensors and a model's file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/tensor.h"

namespace keratin::conformance {

struct Case {
  std::string name;    // "area/name"
  std::string folder;  // where its files are
  Json json;           // case.json
  std::map<std::string, Tensor> arrays;

  std::string file(const std::string& name) const { return folder + "/" + name; }
  bool has(const std::string& array) const { return arrays.contains(array); }
  const Tensor& array(const std::string& name) const;  // throws naming it
  // "x0", "x1", ... as far as there are any.
  std::vector<std::string> numbered(const std::string& prefix) const;
};

// Throws where a file is missing or damaged.
Case read_case(const std::string& name, const std::string& folder);

}  // namespace keratin::conformance
