// What an op of named.h is called with.
#pragma once

#include <utility>
#include <vector>

#include "ops/named.h"

namespace keratin::ops {

class OpCall {
 public:
  OpCall(const NamedOp& op, std::span<const Value> inputs, const Json& attributes);

  const NamedOp& op() const { return op_; }
  const Json& attributes() const { return attributes_; }  // complete

  // Arguments, by position. A constant becomes a tensor as in Keras: of float32, int32 or bool.
  bool has(std::size_t i) const;
  Value value(std::size_t i = 0) const;
  Value floating(std::size_t i = 0) const;  // float32 unless it is floating
  bool is_constant(std::size_t i) const;
  const Json& constant(std::size_t i) const;    // throws kUnsupported where a tensor is given
  const Values& list(std::size_t i = 0) const;  // of kList and kVariadic
  // Arguments i and k in the dtype that Keras' promotion gives them together.
  std::pair<Value, Value> pair(std::size_t i = 0, std::size_t k = 1) const;

  // Attributes. Wrong types are errors that name the attribute.
  const Json& operator[](const char* name) const { return attributes_[name]; }
  bool is_null(const char* name) const { return attributes_[name].is_null(); }
  std::int64_t integer(const char* name) const;
  std::vector<std::int64_t> integers(const char* name) const;  // a number is a list of one
  double number(const char* name) const;
  bool flag(const char* name) const;
  std::string text(const char* name) const;
  int axis(const char* name = "axis") const;
  std::vector<int> axes(const char* name = "axis") const;  // null: none, which means all
  DType dtype(DType absent) const;                         // the attribute "dtype"

 private:
  struct Argument {
    Value tensor{};
    Values list;
    Json constant;
  };
  bool is_weak(std::size_t i) const;  // a Python number, which takes the other's dtype

  const NamedOp& op_;
  Json attributes_;
  std::vector<Argument> arguments_;
  Graph* graph_ = nullptr;
};

// The dtype that holds both, by Keras' rules: integers and bools beside floats give way.
DType promoted(DType a, DType b);
DType promoted(const Values& values);
// Computes in floating numbers: float64 for integers and bools, whose dtype the result gets back
// (int32 for bools).
Value in_floats(Value x, Value (*fn)(Value));
// Float32 unless floating.
Value to_floating(Value x);
// Integers and bools as float64, which holds them exactly.
Value widened(Value x);
// Numbers, nested lists of them, or what Keras makes of arrays in configurations.
Tensor tensor_of_json(const Json& json);

}  // namespace keratin::ops
