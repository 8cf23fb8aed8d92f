// Ops by Keras' names (keras.ops), with attributes as JSON: what hosts compose layers and losses
// of, and what functional models hold beside layers.
//
// A family of ops joins by KERATIN_REGISTER_OPS in its own source file, as classes do in
// core/registry.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "graph/graph.h"

namespace keratin::ops {

class OpCall;
using Values = std::vector<Value>;

// One op as its source file writes it. `keras` is module and class, in keras.src.ops unless it
// begins with "keras.": "numpy.Clip". `signature` has the arguments of Keras' call, then what its
// constructor takes, each "name: type" or "name: type = default": "x; axis: int? = null; keepdims:
// bool = false". An argument is a tensor or a constant (a number, nested lists of numbers), "[xs]"
// a list of tensors, "*xs" any number of them; "bias = null" may be left out. What takes further
// arguments of the call by their names is an object of the type "keywords".
struct OpRow {
  const char* name;
  const char* keras;
  const char* signature;
  const char* doc;  // one line
  Values (*call)(const OpCall& call);
};
using OpFamily = std::span<const OpRow>;

#define KERATIN_REGISTER_OPS(rows)                                                              \
  [[gnu::used,                                                                                  \
    gnu::section("keratin_ops")]] static constinit ::keratin::ops::OpFamily registered_##rows { \
    rows                                                                                        \
  }

struct NamedArgument {
  std::string name;
  enum class Kind { kTensor, kList, kVariadic } kind = Kind::kTensor;
  Json default_value;  // discarded: required
};

struct NamedAttribute {
  std::string name;
  std::string type;    // as the registry's: "int", "list of int?", ...
  Json default_value;  // discarded: required
};

struct NamedOp {
  std::string name, doc;
  std::string module, class_name;  // Keras': "keras.src.ops.numpy", "Clip"
  std::vector<NamedArgument> arguments;
  std::vector<NamedAttribute> attributes;
  Values (*call)(const OpCall& call) = nullptr;

  int least() const;                                          // inputs of a call without constants
  int most() const;                                           // INT32_MAX: any number
  const NamedArgument* argument(std::string_view key) const;  // NULL if there is none
  const NamedAttribute* attribute(std::string_view key) const;  // the same
};

// By name; any thread.
const std::vector<NamedOp>& named_ops();
const NamedOp& find_op(std::string_view name);  // throws kNotFound
// By Keras' module and class; NULL if there is none.
const NamedOp* find_keras_op(std::string_view module, std::string_view class_name);

// How many of `count` inputs each argument takes, but for those that `given` names.
std::vector<std::size_t> share_inputs(const NamedOp& op, const Json& given, std::size_t count);

// `attributes`: an object or null, in which constants may stand for arguments by their names; the
// inputs are the other arguments in order, null leaves one out. A list that holds constants beside
// tensors stands there, too, with null for each tensor. Errors name the op and what is wrong.
Values call_named(std::string_view name, std::span<const Value> inputs, const Json& attributes);

}  // namespace keratin::ops
