// Ops by Keras' names (keras.ops), with attributes as JSON: what hosts compose layers and losses
// of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "graph/graph.h"

namespace keratin::ops {

struct NamedAttribute {
  std::string name;
  std::string type;    // as the registry's: "int", "list of int?", ...
  Json default_value;  // discarded: required
};

struct NamedOp {
  std::string name;
  std::string doc;          // one line
  int least = 1, most = 1;  // inputs
  std::vector<NamedAttribute> attributes;
  // Attributes are complete and of their types.
  Value (*call)(std::span<const Value> inputs, const Json& attributes) = nullptr;
};

// By name; any thread.
const std::vector<NamedOp>& named_ops();
const NamedOp& find_op(std::string_view name);  // throws kNotFound

// Errors name the op and its attribute. `attributes`: an object or null.
Value call_named(std::string_view name, std::span<const Value> inputs, const Json& attributes);

}  // namespace keratin::ops
