#include "core/attributes.h"

#include <algorithm>
#include <cmath>

namespace keratin {
namespace {

[[noreturn]] void expected(const char* what, const Json& json) {
  fail(Code::kInvalidArgument, "expected ", what, ", got ", json.dump());
}

}  // namespace

bool JsonTraits<bool>::read(const Json& json) {
  if (!json.is_boolean()) expected("true or false", json);
  return json.get<bool>();
}
Json JsonTraits<bool>::write(const bool& value) { return value; }
std::string JsonTraits<bool>::type() { return "bool"; }

std::int64_t JsonTraits<std::int64_t>::read(const Json& json) {
  if (json.is_number_integer()) {
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t(INT64_MAX))
      expected("an integer below 2^63", json);
    return json.get<std::int64_t>();
  }
  if (json.is_number_float()) {
    const double value = json.get<double>();
    if (value == std::floor(value) && std::abs(value) < 9e15) return std::int64_t(value);
  }
  expected("an integer", json);
}
Json JsonTraits<std::int64_t>::write(const std::int64_t& value) { return value; }
std::string JsonTraits<std::int64_t>::type() { return "int"; }

double JsonTraits<double>::read(const Json& json) {
  if (!json.is_number()) expected("a number", json);
  return json.get<double>();
}
Json JsonTraits<double>::write(const double& value) { return value; }
std::string JsonTraits<double>::type() { return "float"; }

std::string JsonTraits<std::string>::read(const Json& json) {
  if (!json.is_string()) expected("a string", json);
  return json.get<std::string>();
}
Json JsonTraits<std::string>::write(const std::string& value) { return value; }
std::string JsonTraits<std::string>::type() { return "string"; }

Json JsonTraits<Json>::read(const Json& json) { return json; }
Json JsonTraits<Json>::write(const Json& value) { return value; }
std::string JsonTraits<Json>::type() { return "any"; }

Attribute::Attribute() = default;
Attribute::Attribute(const Attribute& other) = default;
Attribute::Attribute(Attribute&& other) noexcept = default;
Attribute& Attribute::operator=(const Attribute& other) = default;
Attribute& Attribute::operator=(Attribute&& other) noexcept = default;
Attribute::~Attribute() = default;

Attribute&& Attribute::required() {
  is_required = true;
  default_value = nullptr;
  return std::move(*this);
}

Attribute&& Attribute::one_of(std::initializer_list<const char*> values) {
  choices.assign(values.begin(), values.end());
  return std::move(*this);
}

Attribute&& Attribute::at_least(double value) {
  minimum = value;
  return std::move(*this);
}

Attribute&& Attribute::above(double value) {
  minimum = value;
  exclusive_minimum = true;
  return std::move(*this);
}

Attribute&& Attribute::at_most(double value) {
  maximum = value;
  return std::move(*this);
}

Attribute&& Attribute::omitted_if_default() {
  omit_default = true;
  return std::move(*this);
}

void Attribute::check(const Json& value) const {
  if (value.is_array()) {
    for (const Json& item : value) check(item);
    return;
  }
  if (value.is_string() && !choices.empty() &&
      std::find(choices.begin(), choices.end(), value.get<std::string>()) == choices.end()) {
    std::string list;
    for (const std::string& choice : choices)
      list += (list.empty() ? "\"" : ", \"") + choice + "\"";
    fail(Code::kInvalidArgument, "expected one of ", list, ", got ", value.dump());
  }
  if (value.is_number()) {
    const double x = value.get<double>();
    if (minimum && (exclusive_minimum ? !(x > *minimum) : !(x >= *minimum)))
      fail(Code::kInvalidArgument, "expected a value ",
           exclusive_minimum ? "above " : "of at least ", *minimum, ", got ", value.dump());
    if (maximum && !(x <= *maximum))
      fail(Code::kInvalidArgument, "expected a value of at most ", *maximum, ", got ",
           value.dump());
  }
}

Attribute field_attribute(const char* name, const char* doc, const FieldType& type,
                          std::ptrdiff_t offset, MakeObject make) {
  Attribute a;
  a.name = name;
  a.type = type.type();
  a.doc = doc;
  const FieldType* const t = &type;
  a.set = [t, offset](Object& object, const Json& json) {
    t->read(reinterpret_cast<char*>(&object) + offset, json);
  };
  a.get = [t, offset](const Object& object) {
    return t->write(reinterpret_cast<const char*>(&object) + offset);
  };
  a.default_value = a.get(*make());
  return a;
}

}  // namespace keratin
