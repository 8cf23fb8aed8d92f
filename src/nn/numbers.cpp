#include "nn/numbers.h"

namespace keratin {
namespace {

void gather(const Json& json, std::size_t depth, Shape& shape, std::vector<double>& values) {
  if (!json.is_array()) {
    require(json.is_number() && depth == shape.size(),
            "expected a number or lists of numbers of equal lengths");
    values.push_back(json.get<double>());
    return;
  }
  if (values.empty() && depth == shape.size()) shape.push_back(std::int64_t(json.size()));
  require(depth < shape.size() && std::int64_t(json.size()) == shape[depth],
          "expected lists of numbers of equal lengths");
  for (const Json& item : json) gather(item, depth + 1, shape, values);
}

}  // namespace

Tensor Numbers::tensor(DType dtype) const {
  const bool serialized = json.is_object() && json.contains("config") &&
                          json["config"].is_object() && json["config"].contains("value");
  Shape shape;
  std::vector<double> values;
  gather(serialized ? json["config"]["value"] : json, 0, shape, values);
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
