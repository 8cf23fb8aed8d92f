// Attributes: what a class of the registry can be configured by. Each is declared once, as a member
// of the class with its default and one line in its describe(); configuration both ways, checks,
// error messages, the ABI's introspection and the bindings' constructors all come from there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace keratin {

struct ClassInfo;

// Anything that is made by name and configuration: a layer, a loss, an initializer, ...
class Object {
 public:
  virtual ~Object() = default;
  virtual const ClassInfo& info() const = 0;
  // Called after the attributes are set: checks that concern several of them.
  virtual void configured() {}
};

// How a member of type T is read from and written to configuration. `read` throws kInvalidArgument
// saying what was expected; the caller adds class and attribute.
template <class T>
struct JsonTraits;

#define KERATIN_JSON_TRAITS(T)         \
  template <>                          \
  struct JsonTraits<T> {               \
    static T read(const Json& json);   \
    static Json write(const T& value); \
    static std::string type();         \
  };
KERATIN_JSON_TRAITS(bool)
KERATIN_JSON_TRAITS(std::int64_t)
KERATIN_JSON_TRAITS(double)
KERATIN_JSON_TRAITS(std::string)
KERATIN_JSON_TRAITS(Json)  // any JSON, kept as it is

template <class T>
struct JsonTraits<std::optional<T>> {
  static std::optional<T> read(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return JsonTraits<T>::read(json);
  }
  static Json write(const std::optional<T>& value) {
    return value ? JsonTraits<T>::write(*value) : Json(nullptr);
  }
  static std::string type() { return JsonTraits<T>::type() + "?"; }
};

template <class T>
struct JsonTraits<std::vector<T>> {  // a single value stands for a list of one
  static std::vector<T> read(const Json& json) {
    std::vector<T> values;
    if (json.is_array())
      for (const Json& item : json) values.push_back(JsonTraits<T>::read(item));
    else
      values.push_back(JsonTraits<T>::read(json));
    return values;
  }
  static Json write(const std::vector<T>& values) {
    Json json = Json::array();
    for (const T& value : values) json.push_back(JsonTraits<T>::write(value));
    return json;
  }
  static std::string type() { return "list of " + JsonTraits<T>::type(); }
};

// Registry objects as attributes, e.g. std::shared_ptr<Initializer>. The base class names the
// registry's kind: `static constexpr const char* kKind = "initializers";`. (Defined in registry.h.)
template <class Base>
struct JsonTraits<std::shared_ptr<Base>>;

struct Attribute {
  std::string name;
  std::string type;  // "int", "float?", "list of int", "initializers?", ...
  std::string doc;   // one line
  Json default_value;
  bool is_required = false;
  std::vector<std::string> choices;  // of a string attribute; empty: any
  std::optional<double> minimum, maximum;
  bool exclusive_minimum = false;
  bool omit_default = false;  // written to configuration only where it differs from its default
  std::function<void(Object&, const Json&)> set;
  std::function<Json(const Object&)> get;

  Attribute required() && {
    is_required = true;
    default_value = nullptr;
    return std::move(*this);
  }
  Attribute one_of(std::vector<std::string> values) && {
    choices = std::move(values);
    return std::move(*this);
  }
  Attribute at_least(double value) && {
    minimum = value;
    return std::move(*this);
  }
  Attribute above(double value) && {
    minimum = value;
    exclusive_minimum = true;
    return std::move(*this);
  }
  Attribute omitted_if_default() && {
    omit_default = true;
    return std::move(*this);
  }
  Attribute at_most(double value) && {
    maximum = value;
    return std::move(*this);
  }

  // Throws kInvalidArgument unless `value` meets choices and bounds (each element of a list does).
  void check(const Json& value) const;
};

// Declares the member as an attribute; its default is the value in a default-constructed object.
template <class C, class Base, class T>
Attribute attribute(const char* name, T Base::*member, const char* doc) {
  Attribute a;
  a.name = name;
  a.type = JsonTraits<T>::type();
  a.doc = doc;
  a.default_value = JsonTraits<T>::write(C{}.*member);
  a.set = [member](Object& object, const Json& json) {
    static_cast<C&>(object).*member = JsonTraits<T>::read(json);
  };
  a.get = [member](const Object& object) {
    return JsonTraits<T>::write(static_cast<const C&>(object).*member);
  };
  return a;
}

}  // namespace keratin
