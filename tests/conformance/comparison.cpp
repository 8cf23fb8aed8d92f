#include "comparison.h"

#include <cmath>

namespace keratin::conformance {
namespace {

enum class Kind { kFloating, kInteger, kBool, kString };

Kind kind_of(DType dtype) {
  if (is_floating(dtype)) return Kind::kFloating;
  if (dtype == DType::kBool) return Kind::kBool;
  return dtype == DType::kString ? Kind::kString : Kind::kInteger;
}

void check_form(const std::string& what, const Tensor& got, const Tensor& wanted) {
  require(got.shape() == wanted.shape(), what, ": shape ", to_string(got.shape()), ", wanted ",
          to_string(wanted.shape()));
  require(kind_of(got.dtype()) == kind_of(wanted.dtype()), what, ": dtype ", name_of(got.dtype()),
          ", wanted ", name_of(wanted.dtype()));
}

bool equal(double got, double wanted, Tolerance t) {
  if (std::isnan(wanted) || std::isnan(got)) return std::isnan(wanted) && std::isnan(got);
  if (std::isinf(wanted)) return got == wanted;
  return std::abs(got - wanted) <= t.atol + t.rtol * std::abs(wanted);
}

void flatten(const Json& json, std::size_t depth, Shape& shape, std::vector<std::string>& leaves) {
  if (!json.is_array()) return leaves.push_back(json.get<std::string>());
  if (shape.size() == depth) shape.push_back(std::int64_t(json.size()));
  for (const Json& item : json) flatten(item, depth + 1, shape, leaves);
}

}  // namespace

void compare(const std::string& what, const Tensor& got, const Tensor& wanted,
             Tolerance tolerance) {
  check_form(what, got, wanted);
  const Tensor a = got.as(DType::kFloat64), b = wanted.as(DType::kFloat64);
  std::int64_t wrong = 0, first = 0;
  for (std::int64_t i = 0; i < a.size(); ++i)
    if (!equal(a.data<double>()[i], b.data<double>()[i], tolerance) && wrong++ == 0) first = i;
  require(wrong == 0, what, ": ", wrong, " of ", a.size(), " differ; element ", first, " is ",
          wrong ? a.data<double>()[first] : 0, ", wanted ", wrong ? b.data<double>()[first] : 0);
}

Tensor strings_of(const Json& nested) {
  Shape shape;
  std::vector<std::string> leaves;
  flatten(nested, 0, shape, leaves);
  return Tensor::of_strings(shape, {leaves.begin(), leaves.end()});
}

void compare_strings(const std::string& what, const Tensor& got, const Json& wanted) {
  const Tensor expected = strings_of(wanted);
  check_form(what, got, expected);
  for (std::int64_t i = 0; i < got.size(); ++i) {
    const std::string_view a = got.data<String>()[i].view(), b = expected.data<String>()[i].view();
    require(a == b, what, ": element ", i, " is '", a, "', wanted '", b, "'");
  }
}

}  // namespace keratin::conformance
