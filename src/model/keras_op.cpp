#include "model/keras_op.h"

#include <algorithm>

#include "core/error.h"
#include "ops/named.h"

namespace keratin {
namespace {

using ops::NamedArgument;
using ops::NamedOp;

bool is_tensor(const Json& json) {
  return json.is_object() && json.contains("class_name") &&
         json["class_name"] == "__keras_tensor__";
}

bool holds_tensor(const Json& json) {
  return is_tensor(json) ||
         (json.is_array() && std::any_of(json.begin(), json.end(), holds_tensor));
}

const NamedOp& known_op(const Json& layer) {
  const auto class_name = layer["class_name"].get<std::string>();
  const NamedOp* op = ops::find_keras_op(layer["module"].get<std::string>(), class_name);
  if (!op) fail(Code::kNotFound, "unknown op '", class_name, "'");
  return *op;
}

// What takes the arguments that the op does not name; NULL if it takes none.
const ops::NamedAttribute* keywords_of(const NamedOp& op) {
  for (const ops::NamedAttribute& attribute : op.attributes)
    if (attribute.type == "keywords") return &attribute;
  return nullptr;
}

// Keeps an argument of the call that is no tensor as an attribute; null, too, for it takes a place.
void keep_constant(const NamedOp& op, const std::string& name, const Json& value,
                   Json& attributes) {
  if (is_tensor(value)) return;
  if (!holds_tensor(value)) {
    attributes[name] = value;
    return;
  }
  if (std::all_of(value.begin(), value.end(), is_tensor)) return;
  const bool is_list = op.argument(name)->kind != NamedArgument::Kind::kTensor;
  for (Json item : value) {  // null stands for a tensor
    if (!is_list || item.is_null() || (holds_tensor(item) && !is_tensor(item)))
      fail(Code::kUnsupported, "op '", op.name, "': tensors beside constants in '", name,
           "' are not supported");
    attributes[name].push_back(is_tensor(item) ? Json(nullptr) : std::move(item));
  }
}

}  // namespace

bool is_keras_op(const Json& layer) {
  if (!layer.is_object() || !layer.contains("module") || !layer["module"].is_string() ||
      !layer.contains("class_name") || !layer["class_name"].is_string())
    return false;
  const std::string module = layer["module"].get<std::string>();
  return module.starts_with("keras.src.ops.") || module == "keras.src.activations.activations";
}

Json operation_of(const Json& layer) {
  const NamedOp& op = known_op(layer);
  Json attributes = Json::object(), config{{"op", op.name}};
  const Json given = layer.value("config", Json::object());
  for (const auto& [key, value] : given.items()) {
    if (key == "name")
      config["name"] = value;
    else if (op.attribute(key))
      attributes[key] = value;
    else if (!value.is_null() && value != false)
      fail(Code::kUnsupported, "op '", op.name, "': the attribute '", key, "' is not supported");
  }
  if (layer.contains("inbound_nodes") && layer["inbound_nodes"].is_array() &&
      !layer["inbound_nodes"].empty() && layer["inbound_nodes"][0].is_object()) {
    const Json& call = layer["inbound_nodes"][0];
    std::size_t i = 0;
    Json rest = Json::array();  // of which a variadic argument, the last one, takes any number
    for (const Json& value : call.value("args", Json::array())) {
      const std::size_t place = std::min(i++, op.arguments.size() - 1);
      const NamedArgument& argument = op.arguments[place];
      if (argument.kind == NamedArgument::Kind::kVariadic) {
        rest.push_back(value);
        continue;
      }
      require(i <= op.arguments.size(), "op '", op.name, "' takes ", op.arguments.size(),
              " arguments, got more");
      keep_constant(op, argument.name, value, attributes);
    }
    if (!rest.empty()) keep_constant(op, op.arguments.back().name, rest, attributes);
    const Json kwargs = call.value("kwargs", Json::object());
    const ops::NamedAttribute* keywords = keywords_of(op);
    for (const auto& [key, value] : kwargs.items())
      if (op.argument(key))
        keep_constant(op, key, value, attributes);
      else if (keywords)
        attributes[keywords->name][key] = value;
  }
  config["attributes"] = std::move(attributes);
  return {{"module", "keratin.layers"}, {"class_name", "Operation"}, {"config", std::move(config)}};
}

Json keras_op_of(const Operation& operation) {
  const NamedOp& op = ops::find_op(operation.op);
  const Json& given = operation.attributes;
  Json config{{"name", operation.name}};
  for (const ops::NamedAttribute& attribute : op.attributes)
    if (&attribute == keywords_of(op))
      continue;
    else if (given.is_object() && given.contains(attribute.name))
      config[attribute.name] = given[attribute.name];
    else if (!attribute.default_value.is_discarded())
      config[attribute.name] = attribute.default_value;
  return {{"module", op.module},
          {"class_name", op.class_name},
          {"config", std::move(config)},
          {"registered_name", op.class_name}};
}

Json arguments_of(const Operation& operation, const std::vector<Json>& tensors) {
  const NamedOp& op = ops::find_op(operation.op);
  const auto shares = ops::share_inputs(op, operation.attributes, tensors.size());
  Json args = Json::array();
  auto next = tensors.begin();
  for (std::size_t i = 0; i < op.arguments.size(); ++i) {
    const NamedArgument& argument = op.arguments[i];
    const auto end = next + std::ptrdiff_t(shares[i]);
    if (operation.attributes.is_object() && operation.attributes.contains(argument.name)) {
      Json value = operation.attributes[argument.name];
      if (shares[i] > 0)
        for (Json& item : value)
          if (item.is_null()) item = *next++;
      if (argument.kind == NamedArgument::Kind::kVariadic && value.is_array())
        args.insert(args.end(), value.begin(), value.end());
      else
        args.push_back(std::move(value));
    } else if (argument.kind == NamedArgument::Kind::kList)
      args.push_back(Json(std::vector<Json>(next, end)));
    else if (next == end)
      args.push_back(argument.default_value);
    else
      for (auto tensor = next; tensor != end; ++tensor) args.push_back(*tensor);
    next = end;
  }
  return args;
}

Json keywords_of(const Operation& operation) {
  const ops::NamedAttribute* keywords = keywords_of(ops::find_op(operation.op));
  const Json& given = operation.attributes;
  return keywords && given.is_object() ? given.value(keywords->name, Json::object())
                                       : Json::object();
}

}  // namespace keratin
