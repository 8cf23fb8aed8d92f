#include "nn/numbers.h"

namespace keratin {
namespace {

// Appends what stands below `json`, which is `depth` lists deep in an array of this shape.
void gather(const Json& json, const Shape& shape, std::size_t depth, std::vector<double>& values) {
  if (depth == shape.size()) {
    require(json.is_number(), "expected a number or lists of numbers, got ", json.dump());
    values.push_back(json.get<double>());
    return;
  }
  require(json.is_array() && std::int64_t(json.size()) == shape[depth],
          "expected lists of numbers of equal lengths");
  for (const Json& item : json) gather(item, shape, depth + 1, values);
}

}  // namespace

Tensor Numbers::tensor(DType dtype) const {
  const bool serialized = json.is_object() && json.contains("config") &&
                          json["config"].is_object() && json["config"].contains("value");
  const Json& array = serialized ? json["config"]["value"] : json;
  Shape shape;
  for (const Json* list = &array; list->is_array(); list = &list->front()) {
    shape.push_back(std::int64_t(list->size()));
    if (list->empty()) break;
  }
  std::vector<double> values;
  gather(array, shape, 0, values);
  return Tensor::of<double>(shape, values).as(dtype);
}

Numbers JsonTraits<Numbers>::read(const Json& json) {
  Numbers numbers;
  numbers.json = json;
  numbers.tensor(DType::kFloat64);  // throws unless it is what it should be
  return numbers;
}

Json JsonTraits<Numbers>::write(const Numbers& numbers) { return numbers.json; }

std::string JsonTraits<Numbers>::type() { return "float or list of float"; }

}  // namespace keratin
