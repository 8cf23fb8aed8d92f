#include "ops/named.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/attributes.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/get_item.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/softmax.h"

namespace keratin::ops {
namespace {

using In = std::span<const Value>;

template <class T>
T get(const Json& attributes, const char* name) {
  return JsonTraits<T>::read(attributes[name]);
}

int narrow(std::int64_t axis) {
  require(axis >= -64 && axis < 64, "there is no axis ", axis);
  return int(axis);
}

int axis_of(const Json& attributes) { return narrow(get<std::int64_t>(attributes, "axis")); }

std::vector<int> axes_of(const Json& attributes, const char* name = "axis") {
  if (attributes[name].is_null()) return {};
  std::vector<int> axes;
  for (const std::int64_t axis : get<std::vector<std::int64_t>>(attributes, name))
    axes.push_back(narrow(axis));
  return axes;
}

// The two operands of a function; one may be a number, under Keras' name for that operand.
std::pair<Value, Value> operands(In in, const Json& attributes) {
  const Json &first = attributes["x1"], &second = attributes["x2"];
  if (in.size() == 2) {
    require(first.is_null() && second.is_null(), "got two inputs and a number as well");
    return {in[0], in[1]};
  }
  require(first.is_null() != second.is_null(),
          "expected two inputs, or one and a number for x1 or x2");
  const auto number = [&](const Json& json) {
    return in[0].graph().constant(JsonTraits<double>::read(json), in[0].dtype());
  };
  return first.is_null() ? std::pair{in[0], number(second)} : std::pair{number(first), in[0]};
}

template <Value (*fn)(Value)>
NamedOp unary(const char* name, const char* doc) {
  return {name, doc, 1, 1, {}, [](In in, const Json&) { return fn(in[0]); }};
}

template <Value (*fn)(Value, Value)>
NamedOp binary(const char* name, const char* doc) {
  return {name,
          doc,
          1,
          2,
          {{"x1", "float?", nullptr}, {"x2", "float?", nullptr}},
          [](In in, const Json& attributes) {
            const auto [a, b] = operands(in, attributes);
            return fn(a, b);
          }};
}

template <Value (*fn)(Value, std::vector<int>, bool)>
NamedOp reduction(const char* name, const char* doc) {
  return {name,
          doc,
          1,
          1,
          {{"axis", "list of int?", nullptr}, {"keepdims", "bool", false}},
          [](In in, const Json& attributes) {
            return fn(in[0], axes_of(attributes), get<bool>(attributes, "keepdims"));
          }};
}

template <Value (*fn)(Value, int)>
NamedOp along_axis(const char* name, const char* doc) {
  return {name, doc, 1, 1, {{"axis", "int", -1}}, [](In in, const Json& attributes) {
            return fn(in[0], axis_of(attributes));
          }};
}

Value variance(Value x, std::vector<int> axes, bool keepdims) {
  if (axes.empty()) {
    axes.resize(x.rank());
    std::iota(axes.begin(), axes.end(), 0);
  }
  return moments(x, axes, keepdims).second;
}

Value deviation(Value x, std::vector<int> axes, bool keepdims) {
  return sqrt(variance(x, std::move(axes), keepdims));
}

Value choose(In in, const Json& attributes) {
  Value condition = in[0];
  const std::pair<Value, Value> ab = operands(in.subspan(1), attributes);
  return where(cast(condition, ab.first.dtype()), ab.first, ab.second);
}

Value transposed(In in, const Json& attributes) {
  std::vector<int> axes = axes_of(attributes, "axes");
  if (attributes["axes"].is_null())
    for (int axis = int(in[0].rank()); axis-- > 0;) axes.push_back(axis);
  return transpose(in[0], std::move(axes));
}

Value squeezed(In in, const Json& attributes) {
  if (!attributes["axis"].is_null()) return squeeze(in[0], axis_of(attributes));
  Value x = in[0];
  for (int axis = int(x.rank()); axis-- > 0;)
    if (x.shape()[std::size_t(axis)] == 1) x = squeeze(x, axis);
  return x;
}

// Keras' slice(x, start_indices, shape), with -1 in the shape for all that is left.
Value sliced(In in, const Json& attributes) {
  const auto begin = get<std::vector<std::int64_t>>(attributes, "start_indices");
  const auto extent = get<std::vector<std::int64_t>>(attributes, "shape");
  Value x = in[0];
  require(begin.size() == x.rank() && extent.size() == x.rank(),
          "start_indices and shape: expected ", x.rank(), " numbers each, got ", begin.size(),
          " and ", extent.size());
  for (std::size_t axis = 0; axis < begin.size(); ++axis) {
    const std::int64_t whole = x.shape()[axis];
    if (begin[axis] == 0 && (extent[axis] == kUnknown || extent[axis] == whole)) continue;
    require(whole != kUnknown, "axis ", axis, " of unknown extent cannot be cut");
    const std::int64_t rest = whole - std::clamp<std::int64_t>(begin[axis], 0, whole);
    const std::int64_t length = extent[axis] == kUnknown ? rest : extent[axis];
    require(begin[axis] >= 0 && begin[axis] <= whole && length >= 0 && length <= rest, "axis ",
            axis, ": ", extent[axis], " from ", begin[axis], " on, of ", whole);
    x = slice(x, int(axis), begin[axis], begin[axis] + length);
  }
  return x;
}

std::vector<NamedOp> make_table() {
  const Json required(Json::value_t::discarded);
  std::vector<NamedOp> table = {
      binary<add>("add", "x1 + x2"),
      binary<subtract>("subtract", "x1 - x2"),
      binary<multiply>("multiply", "x1 * x2"),
      binary<divide>("divide", "x1 / x2"),
      binary<divide>("true_divide", "x1 / x2"),
      binary<maximum>("maximum", "The larger of x1 and x2."),
      binary<minimum>("minimum", "The smaller of x1 and x2."),
      binary<power>("power", "x1 to the power of x2."),
      binary<equal>("equal", "1 where x1 == x2, else 0."),
      binary<not_equal>("not_equal", "1 where x1 != x2, else 0."),
      binary<greater>("greater", "1 where x1 > x2, else 0."),
      binary<greater_equal>("greater_equal", "1 where x1 >= x2, else 0."),
      binary<less>("less", "1 where x1 < x2, else 0."),
      binary<less_equal>("less_equal", "1 where x1 <= x2, else 0."),
      {"where",
       "x1 where the first input is not 0, else x2.",
       2,
       3,
       {{"x1", "float?", nullptr}, {"x2", "float?", nullptr}},
       choose},

      unary<negative>("negative", "-x"),
      unary<abs>("abs", "|x|"),
      unary<abs>("absolute", "|x|"),
      unary<sign>("sign", "-1, 0 or 1."),
      unary<square>("square", "x * x"),
      unary<sqrt>("sqrt", "Square root."),
      unary<rsqrt>("rsqrt", "1 / sqrt(x)"),
      unary<reciprocal>("reciprocal", "1 / x"),
      unary<exp>("exp", "e to the power of x."),
      unary<expm1>("expm1", "exp(x) - 1"),
      unary<log>("log", "Natural logarithm."),
      unary<log1p>("log1p", "log(1 + x)"),
      unary<sin>("sin", "Sine."),
      unary<cos>("cos", "Cosine."),
      unary<tanh>("tanh", "Hyperbolic tangent."),
      unary<sigmoid>("sigmoid", "1 / (1 + exp(-x))"),
      unary<softplus>("softplus", "log(1 + exp(x))"),
      unary<relu>("relu", "The larger of x and 0."),
      unary<erf>("erf", "Error function."),
      unary<floor>("floor", "Largest integer that is not larger."),
      unary<round>("round", "Nearest integer, halves to even."),
      unary<is_finite>("isfinite", "1 where finite, else 0."),
      unary<stop_gradient>("stop_gradient", "x, seen as a constant by gradients."),
      unary<zeros_like>("zeros_like", "Zeros of the shape of x."),
      unary<ones_like>("ones_like", "Ones of the shape of x."),
      {"clip",
       "x, but not below x_min nor above x_max.",
       1,
       1,
       {{"x_min", "float", required}, {"x_max", "float", required}},
       [](In in, const Json& a) {
         return clip(in[0], get<double>(a, "x_min"), get<double>(a, "x_max"));
       }},
      {"cast",
       "x in another dtype.",
       1,
       1,
       {{"dtype", "string", required}},
       [](In in, const Json& a) { return cast(in[0], dtype_named(get<std::string>(a, "dtype"))); }},

      reduction<sum>("sum", "Sum over axes; null: all."),
      reduction<mean>("mean", "Mean over axes; null: all."),
      reduction<prod>("prod", "Product over axes; null: all."),
      reduction<max>("max", "Largest over axes; null: all."),
      reduction<min>("min", "Smallest over axes; null: all."),
      reduction<variance>("var", "Biased variance over axes; null: all."),
      reduction<deviation>("std", "Square root of the biased variance over axes; null: all."),
      reduction<logsumexp>("logsumexp", "log(sum(exp(x))) over axes; null: all."),
      along_axis<argmax>("argmax", "Index of the first largest along an axis; int32."),
      along_axis<softmax>("softmax", "exp(x) / sum(exp(x)) along an axis."),
      along_axis<log_softmax>("log_softmax", "Logarithm of softmax along an axis."),
      along_axis<sparsemax>("sparsemax", "Nearest point of the simplex along an axis."),

      {"matmul",
       "Matrix product over the last two axes.",
       2,
       2,
       {},
       [](In in, const Json&) { return matmul(in[0], in[1]); }},
      {"reshape",
       "x in another shape, batch axis included; one extent may be -1.",
       1,
       1,
       {{"newshape", "list of int", required}},
       [](In in, const Json& a) {
         return reshape(in[0], get<std::vector<std::int64_t>>(a, "newshape"));
       }},
      {"transpose",
       "x with its axes in another order; null: reversed.",
       1,
       1,
       {{"axes", "list of int?", nullptr}},
       transposed},
      {"expand_dims",
       "x with a new axis of 1.",
       1,
       1,
       {{"axis", "int", required}},
       [](In in, const Json& a) { return expand_dims(in[0], axis_of(a)); }},
      {"squeeze",
       "x without an axis of 1; null: without any.",
       1,
       1,
       {{"axis", "int?", nullptr}},
       squeezed},
      {"concatenate",
       "All inputs in a row along an axis.",
       1,
       INT32_MAX,
       {{"axis", "int", -1}},
       [](In in, const Json& a) {
         return concatenate({in.begin(), in.end()}, axis_of(a));
       }},
      {"slice",
       "A part of x; -1 in shape: all that is left.",
       1,
       1,
       {{"start_indices", "list of int", required}, {"shape", "list of int", required}},
       sliced},
      {"get_item",
       "x[key]; key as Keras saves it.",
       1,
       1,
       {{"key", "any", required}},
       [](In in, const Json& a) { return get_item(in[0], a["key"]); }},
      {"one_hot",
       "1 at the index along a new last axis, else 0.",
       1,
       1,
       {{"num_classes", "int", required}, {"dtype", "string", "float32"}},
       [](In in, const Json& a) {
         return one_hot(in[0], get<std::int64_t>(a, "num_classes"),
                        dtype_named(get<std::string>(a, "dtype")));
       }},
  };
  std::sort(table.begin(), table.end(),
            [](const NamedOp& a, const NamedOp& b) { return a.name < b.name; });
  return table;
}

// What is given over the defaults.
Json complete(const NamedOp& op, const Json& given) {
  require(given.is_object() || given.is_null(), "expected an object of attributes, got ",
          given.dump());
  Json all = Json::object();
  for (const NamedAttribute& attribute : op.attributes) {
    if (given.is_object() && given.contains(attribute.name))
      all[attribute.name] = given[attribute.name];
    else if (!attribute.default_value.is_discarded())
      all[attribute.name] = attribute.default_value;
    else
      fail(Code::kInvalidArgument, "the attribute '", attribute.name, "' (", attribute.type,
           ") is required");
  }
  if (given.is_object())
    for (const auto& [key, value] : given.items())
      require(all.contains(key), "unknown attribute '", key, "'");
  return all;
}

}  // namespace

const std::vector<NamedOp>& named_ops() {
  static const std::vector<NamedOp> table = make_table();
  return table;
}

const NamedOp& find_op(std::string_view name) {
  const auto& table = named_ops();
  const auto place =
      std::lower_bound(table.begin(), table.end(), name,
                       [](const NamedOp& op, std::string_view n) { return op.name < n; });
  if (place == table.end() || place->name != name) fail(Code::kNotFound, "unknown op '", name, "'");
  return *place;
}

Value call_named(std::string_view name, std::span<const Value> inputs, const Json& attributes) {
  const NamedOp& op = find_op(name);
  try {
    const int count = int(inputs.size());
    require(count >= op.least && count <= op.most, "expected ", op.least,
            op.most > op.least ? " or more inputs, got " : " inputs, got ", count);
    return op.call(inputs, complete(op, attributes));
  } catch (const Error& error) {
    fail(error.code(), "op '", op.name, "': ", error.what());
  }
}

}  // namespace keratin::ops
