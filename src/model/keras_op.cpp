#include "model/keras_op.h"

#include <algorithm>

#include "core/error.h"
#include "ops/named.h"

namespace keratin {
namespace {

// Attributes here that are arguments of the call in Keras, by position; "" is a tensor.
struct Form {
  const char* op;
  std::vector<const char*> arguments;
};

const std::vector<const char*>& arguments_in_call(const std::string& op) {
  static const std::vector<Form> forms = {{"where", {"", "x1", "x2"}},
                                          {"get_item", {"", "key"}},
                                          {"slice", {"", "start_indices", "shape"}}};
  static const std::vector<const char*> two{"x1", "x2"}, none;
  for (const Form& form : forms)
    if (op == form.op) return form.arguments;
  const ops::NamedOp& named = ops::find_op(op);
  const auto has = [&](const char* name) {
    return std::any_of(named.attributes.begin(), named.attributes.end(),
                       [&](const ops::NamedAttribute& a) { return a.name == name; });
  };
  return has("x1") && has("x2") ? two : none;
}

bool is_tensor(const Json& json) {
  return json.is_object() && json.contains("class_name") &&
         json["class_name"] == "__keras_tensor__";
}

bool holds_tensor(const Json& json) {
  return is_tensor(json) ||
         (json.is_array() && std::any_of(json.begin(), json.end(), holds_tensor));
}

const char* module_of(const std::string& op) {
  const auto is_one_of = [&](std::initializer_list<const char*> names) {
    return std::find(names.begin(), names.end(), op) != names.end();
  };
  if (is_one_of({"softmax", "log_softmax", "sparsemax", "relu", "sigmoid", "softplus", "one_hot"}))
    return "keras.src.ops.nn";
  if (is_one_of({"logsumexp", "erf", "rsqrt"})) return "keras.src.ops.math";
  if (is_one_of({"cast", "stop_gradient", "slice"})) return "keras.src.ops.core";
  return "keras.src.ops.numpy";
}

// "log_softmax" -> "LogSoftmax".
std::string class_of(const std::string& op) {
  if (op == "abs") return "Absolute";
  std::string name;
  bool upper = true;
  for (const char c : op) {
    if (c != '_') name += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = c == '_';
  }
  return name;
}

// Whether an attribute of Keras that is not known here changes nothing.
bool means_nothing(const std::string& op, const std::string& key, const Json& value) {
  return value.is_null() || value == false || (op == "one_hot" && key == "axis" && value == -1);
}

}  // namespace

bool is_keras_op(const Json& layer) {
  return layer.is_object() && layer.contains("module") && layer["module"].is_string() &&
         layer["module"].get<std::string>().starts_with("keras.src.ops.") &&
         layer.contains("class_name") && layer["class_name"].is_string();
}

Json operation_of(const Json& layer) {
  const std::string op = to_snake_case(layer["class_name"].get<std::string>());
  const ops::NamedOp& named = ops::find_op(op);
  const auto is_known = [&](const std::string& key) {
    return std::any_of(named.attributes.begin(), named.attributes.end(),
                       [&](const ops::NamedAttribute& a) { return a.name == key; });
  };
  Json attributes = Json::object(), config{{"op", op}};
  const Json given = layer.value("config", Json::object());
  for (const auto& [key, value] : given.items()) {
    if (key == "name")
      config["name"] = value;
    else if (is_known(key))
      attributes[key] = value;
    else if (!means_nothing(op, key, value))
      fail(Code::kUnsupported, "op '", op, "': the attribute '", key, "' is not supported");
  }
  const auto& places = arguments_in_call(op);
  if (layer.contains("inbound_nodes") && layer["inbound_nodes"].is_array() &&
      !layer["inbound_nodes"].empty() && layer["inbound_nodes"][0].is_object()) {
    const Json args = layer["inbound_nodes"][0].value("args", Json::array());
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (holds_tensor(args[i]) || args[i].is_null()) continue;
      if (i >= places.size() || !*places[i])
        fail(Code::kUnsupported, "op '", op, "' is called with ", args[i].dump(),
             ", which is not supported");
      attributes[places[i]] = args[i];
    }
  }
  config["attributes"] = std::move(attributes);
  return {{"module", "keratin.layers"}, {"class_name", "Operation"}, {"config", std::move(config)}};
}

Json keras_op_of(const Operation& operation) {
  const auto& places = arguments_in_call(operation.op);
  Json config{{"name", operation.name}};
  const Json& attributes = operation.attributes;
  if (attributes.is_object())
    for (const auto& [key, value] : attributes.items())
      if (std::none_of(places.begin(), places.end(), [&](const char* p) { return key == p; }))
        config[key] = value;
  for (const ops::NamedAttribute& attribute : ops::find_op(operation.op).attributes)
    if (!config.contains(attribute.name) && !attribute.default_value.is_discarded() &&
        std::none_of(places.begin(), places.end(),
                     [&](const char* p) { return attribute.name == p; }))
      config[attribute.name] = attribute.default_value;
  const std::string name = class_of(operation.op);
  return {{"module", module_of(operation.op)},
          {"class_name", name},
          {"config", std::move(config)},
          {"registered_name", name}};
}

Json arguments_of(const Operation& operation, const std::vector<Json>& tensors) {
  if (operation.op == "concatenate") return Json::array({Json(tensors)});
  Json args = Json::array();
  std::size_t next = 0;
  for (const char* place : arguments_in_call(operation.op)) {
    const bool given = *place && operation.attributes.is_object() &&
                       operation.attributes.contains(place) &&
                       !operation.attributes[place].is_null();
    if (given)
      args.push_back(operation.attributes[place]);
    else if (next < tensors.size())
      args.push_back(tensors[next++]);
  }
  while (next < tensors.size()) args.push_back(tensors[next++]);
  return args;
}

}  // namespace keratin
