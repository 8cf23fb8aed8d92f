// Attributes: what a class of the registry can be configured by. Each is declared once, as a member
// of the class with its default and one line in its describe(); configuration both ways, checks,
// error messages, the ABI's introspection and the bindings' constructors all come from there.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
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

// How a member of some type is handled where the type is not known any more.
struct FieldType {
  std::string (*type)();
  void (*read)(void* field, const Json& json);
  Json (*write)(const void* field);
};

template <class T>
inline constexpr FieldType kFieldType{
    &JsonTraits<T>::type,
    [](void* field, const Json& json) { *static_cast<T*>(field) = JsonTraits<T>::read(json); },
    [](const void* field) { return JsonTraits<T>::write(*static_cast<const T*>(field)); }};

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

  Attribute();
  Attribute(const Attribute& other);
  Attribute(Attribute&& other) noexcept;
  Attribute& operator=(const Attribute& other);
  Attribute& operator=(Attribute&& other) noexcept;
  ~Attribute();

  // Each gives itself back, to be moved from where it ends a chain.
  Attribute&& required();
  Attribute&& one_of(std::initializer_list<const char*> values);
  Attribute&& at_least(double value);
  Attribute&& above(double value);
  Attribute&& at_most(double value);
  Attribute&& omitted_if_default();

  // Throws kInvalidArgument unless `value` meets choices and bounds (each element of a list does).
  void check(const Json& value) const;
};

using MakeObject = std::shared_ptr<Object> (*)();

template <class C>
std::shared_ptr<Object> make_object() {
  return std::make_shared<C>();
}

// The attribute that is the field `offset` bytes into an object, with the default that `make`
// gives.
Attribute field_attribute(const char* name, const char* doc, const FieldType& type,
                          std::ptrdiff_t offset, MakeObject make);

// Declares the member as an attribute; its default is the value in a default-constructed object.
// Object is the first base of C, and a pointer to a data member is its offset (Itanium C++
// ABI, 2.3).
template <class C, class Base, class T>
Attribute attribute(const char* name, T Base::*member, const char* doc) {
  T C::*of_class = member;
  return field_attribute(name, doc, kFieldType<T>, std::bit_cast<std::ptrdiff_t>(of_class),
                         &make_object<C>);
}

}  // namespace keratin
