#include "case.h"

#include "core/error.h"
#include "io/file.h"
#include "io/safetensors.h"

namespace keratin::conformance {

const Tensor& Case::array(const std::string& array) const {
  const auto found = arrays.find(array);
  if (found == arrays.end()) fail(Code::kCorrupt, "data.safetensors has no '", array, "'");
  return found->second;
}

std::vector<std::string> Case::numbered(const std::string& prefix) const {
  std::vector<std::string> names;
  while (has(prefix + std::to_string(names.size())))
    names.push_back(prefix + std::to_string(names.size()));
  return names;
}

Case read_case(const std::string& name, const std::string& folder) {
  Case c{name, folder, {}, {}};
  c.json = parse_json(io::read_file(c.file("case.json")), "case.json");
  const std::string data = c.file("data.safetensors");
  c.arrays = io::read_safetensors(io::read_file(data), "data.safetensors");
  return c;
}

}  // namespace keratin::conformance
