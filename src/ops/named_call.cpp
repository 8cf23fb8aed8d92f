#include "ops/named_call.h"

#include "core/attributes.h"
#include "core/error.h"
#include "ops/elementwise.h"

namespace keratin::ops {
namespace {

int narrow(std::int64_t axis) {
  require(axis >= -64 && axis < 64, "there is no axis ", axis);
  return int(axis);
}

// Gathers the numbers of nested lists, all of one form.
void gather(const Json& json, std::size_t depth, Shape& shape, std::vector<double>& numbers) {
  if (json.is_array()) {
    const auto extent = std::int64_t(json.size());
    if (shape.size() == depth && (numbers.empty() || depth == 0)) shape.push_back(extent);
    require(depth < shape.size() && shape[depth] == extent, "lists of different lengths");
    for (const Json& item : json) gather(item, depth + 1, shape, numbers);
    return;
  }
  require(depth == shape.size(), "lists of different depths");
  require(json.is_number() || json.is_boolean(), "expected a number, got ", json.dump());
  numbers.push_back(json.is_boolean() ? double(json.get<bool>()) : json.get<double>());
}

// Of all the numbers together; float32 where there are none.
DType dtype_of(const Json& json) {
  if (json.is_array() && !json.empty()) {
    DType dtype = dtype_of(json[0]);
    for (const Json& item : json) dtype = promoted(dtype, dtype_of(item));
    return dtype;
  }
  return json.is_boolean()          ? DType::kBool
         : json.is_number_integer() ? DType::kInt32
                                    : DType::kFloat32;
}

template <class T>
T read(const Json& attributes, const char* name) {
  try {
    return JsonTraits<T>::read(attributes.at(name));
  } catch (const Error& error) {
    fail(error.code(), "attribute '", name, "': ", error.what());
  }
}

}  // namespace

Tensor tensor_of_json(const Json& json) {
  const bool is_array = json.is_object() && json.contains("config") && json["config"].is_object() &&
                        json["config"].contains("value");
  const Json& value = is_array ? json["config"]["value"] : json;
  Shape shape;
  std::vector<double> numbers;
  gather(value, 0, shape, numbers);
  DType dtype = dtype_of(value);
  if (is_array && json["config"].contains("dtype") && json["config"]["dtype"].is_string()) {
    // Keras' tensors have 32 bits on JAX, whatever the array had.
    dtype = dtype_named(json["config"]["dtype"].get<std::string>());
    if (dtype == DType::kFloat64) dtype = DType::kFloat32;
    if (dtype == DType::kInt64) dtype = DType::kInt32;
  }
  return Tensor::of(std::move(shape), numbers).as(dtype);
}

OpCall::OpCall(const NamedOp& op, std::span<const Value> inputs, const Json& given)
    : op_(op), attributes_(Json::object()), arguments_(op.arguments.size()) {
  require(given.is_object() || given.is_null(), "expected an object of attributes, got ",
          given.dump());
  require(!inputs.empty(), "expected at least one tensor");
  graph_ = &inputs[0].graph();
  const auto is_given = [&](const std::string& name) {
    return given.is_object() && given.contains(name);
  };
  for (const NamedAttribute& attribute : op.attributes) {
    if (is_given(attribute.name))
      attributes_[attribute.name] = given[attribute.name];
    else if (!attribute.default_value.is_discarded())
      attributes_[attribute.name] = attribute.default_value;
    else
      fail(Code::kInvalidArgument, "the attribute '", attribute.name, "' (", attribute.type,
           ") is required");
  }
  for (const auto& [key, value] : given.items())
    require(op.attribute(key) || op.argument(key), "unknown attribute '", key, "'");

  const std::vector<std::size_t> shares = share_inputs(op, given, inputs.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < op.arguments.size(); ++i) {
    const NamedArgument& argument = op.arguments[i];
    if (is_given(argument.name)) {
      const Json& constant = arguments_[i].constant = given[argument.name];
      std::size_t tensor = next;
      if (argument.kind != NamedArgument::Kind::kTensor && constant.is_array())
        for (const Json& item : constant)
          arguments_[i].list.push_back(item.is_null() ? inputs[tensor++]
                                                      : graph_->constant(tensor_of_json(item)));
    } else if (argument.kind != NamedArgument::Kind::kTensor)
      arguments_[i].list.assign(inputs.begin() + std::ptrdiff_t(next),
                                inputs.begin() + std::ptrdiff_t(next + shares[i]));
    else if (shares[i])
      arguments_[i].tensor = inputs[next];
    else
      arguments_[i].constant = argument.default_value;
    next += shares[i];
  }
}

bool OpCall::has(std::size_t i) const {
  return arguments_[i].tensor || !arguments_[i].constant.is_null();
}

const Json& OpCall::constant(std::size_t i) const {
  if (arguments_[i].tensor)
    fail(Code::kUnsupported, "a tensor for '", op_.arguments[i].name, "' is not supported");
  return arguments_[i].constant;
}
const Values& OpCall::list(std::size_t i) const { return arguments_[i].list; }

bool OpCall::is_constant(std::size_t i) const { return !arguments_[i].tensor; }

bool OpCall::is_weak(std::size_t i) const {
  return !arguments_[i].tensor && arguments_[i].constant.is_number();
}

Value OpCall::value(std::size_t i) const {
  const Argument& argument = arguments_[i];
  if (argument.tensor) return argument.tensor;
  require(!argument.constant.is_null(), "expected a tensor or a number for '",
          op_.arguments[i].name, "'");
  try {
    return graph_->constant(tensor_of_json(argument.constant));
  } catch (const Error& error) {
    fail(error.code(), "argument '", op_.arguments[i].name, "': ", error.what());
  }
}

Value OpCall::floating(std::size_t i) const { return to_floating(value(i)); }

std::pair<Value, Value> OpCall::pair(std::size_t i, std::size_t k) const {
  const Value a = value(i), b = value(k);
  DType dtype = promoted(a.dtype(), b.dtype());
  // A Python number has no width of its own; only its kind counts.
  const auto yields = [&](std::size_t number, DType other) {
    return is_weak(number) &&
           (is_floating(other) ||
            (other != DType::kBool && arguments_[number].constant.is_number_integer()));
  };
  if (yields(k, a.dtype())) dtype = a.dtype();
  if (yields(i, b.dtype())) dtype = b.dtype();
  // A number stays one, so that it can be worked into programs.
  const auto typed = [&](std::size_t n, Value v) {
    if (is_weak(n) && is_floating(dtype))
      return graph_->constant(arguments_[n].constant.get<double>(), dtype);
    return cast(v, dtype);
  };
  return {typed(i, a), typed(k, b)};
}

std::int64_t OpCall::integer(const char* name) const {
  return read<std::int64_t>(attributes_, name);
}
std::vector<std::int64_t> OpCall::integers(const char* name) const {
  return read<std::vector<std::int64_t>>(attributes_, name);
}
double OpCall::number(const char* name) const { return read<double>(attributes_, name); }
bool OpCall::flag(const char* name) const { return read<bool>(attributes_, name); }
std::string OpCall::text(const char* name) const { return read<std::string>(attributes_, name); }
int OpCall::axis(const char* name) const { return narrow(integer(name)); }

std::vector<int> OpCall::axes(const char* name) const {
  std::vector<int> axes;
  if (is_null(name)) return axes;
  for (const std::int64_t axis : integers(name)) axes.push_back(narrow(axis));
  return axes;
}

DType OpCall::dtype(DType absent) const {
  return is_null("dtype") ? absent : dtype_named(text("dtype"));
}

DType promoted(DType a, DType b) {
  if (a == b) return a;
  if (a == DType::kFloat64 || b == DType::kFloat64) return DType::kFloat64;
  if (is_floating(a) || is_floating(b)) return DType::kFloat32;
  if (a == DType::kBool) return b;
  if (b == DType::kBool) return a;
  const auto is = [&](DType d) { return a == d || b == d; };
  if (is(DType::kInt8) && is(DType::kUint8)) return DType::kInt32;  // there is no int16
  if (is(DType::kInt64) || ((is(DType::kInt32) || is(DType::kInt8)) && is(DType::kUint32)))
    return DType::kInt64;
  return is(DType::kInt32) ? DType::kInt32 : DType::kUint32;
}

DType promoted(const Values& values) {
  DType dtype = values.at(0).dtype();
  for (const Value& value : values) dtype = promoted(dtype, value.dtype());
  return dtype;
}

Value to_floating(Value x) { return is_floating(x.dtype()) ? x : cast(x, DType::kFloat32); }
Value widened(Value x) { return is_floating(x.dtype()) ? x : cast(x, DType::kFloat64); }

Value in_floats(Value x, Value (*fn)(Value)) {
  if (is_floating(x.dtype())) return fn(x);
  return cast(fn(cast(x, DType::kFloat64)), x.dtype() == DType::kBool ? DType::kInt32 : x.dtype());
}

}  // namespace keratin::ops
