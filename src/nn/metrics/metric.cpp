#include "nn/metrics/metric.h"

#include <algorithm>
#include <cstring>

#include "nn/layers/layer.h"  // unique_name, policy_name
#include "ops/elementwise.h"

namespace keratin {

void Metric::configured() {
  if (name.empty()) name = unique_name(info().name);
  if (!dtype.is_null() && policy_name(dtype) != "float32")
    fail(Code::kUnsupported, info().name, ".dtype: metrics are computed in float32, not in ",
         policy_name(dtype));
}

Attribute Metric::name_attribute(Attribute a) {
  a.type += "?";
  if (a.default_value == "") a.default_value = nullptr;
  a.set = [](Object& object, const Json& json) {
    static_cast<Metric&>(object).name = json.is_null() ? "" : JsonTraits<std::string>::read(json);
  };
  return a;
}

Attribute Metric::dtype_attribute(Attribute a) {
  a.get = [](const Object& object) {
    const Json& dtype = static_cast<const Metric&>(object).dtype;
    return Json(dtype.is_null() ? "float32" : policy_name(dtype));
  };
  return a;
}

VariablePtr Metric::add_variable(std::string variable_name, Shape shape, DType type) {
  Tensor zeros(type, std::move(shape));
  auto variable = std::make_shared<Variable>(std::move(variable_name), std::move(zeros), false);
  std::string scope = name;
  std::replace(scope.begin(), scope.end(), '/', '>');
  variable->path = scope + "/" + variable->name;
  variables_.push_back(variable);
  return variable;
}

void Metric::accumulate(const VariablePtr& variable, Value value) {
  Graph& graph = value.graph();
  const Value pending = graph.assigned(variable);
  graph.assign(variable, (pending ? pending : graph.variable(variable)) + value);
}

void Metric::reset() {
  for (const VariablePtr& variable : variables_)
    std::memset(variable->value.raw(), 0, variable->value.bytes());
}

}  // namespace keratin
