// What custom classes share: attributes that are declared at run time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capi/border.h"
#include "core/registry.h"

namespace keratin::capi {

// Values of an object's attributes, by name.
struct CustomAttributes {
  Json given = Json::object();
};

struct Declared {
  std::string name, type, doc;
  Json default_value;
  bool is_required;
};
// From kt_custom_layer.attributes and its like; NULL: none.
std::vector<Declared> declared_attributes(const char* json);

// `json` as an attribute of that type keeps it; throws kInvalidArgument saying what was expected.
Json read_as(const std::string& type, const Json& json);

// Attributes of class C, which is a CustomAttributes, too.
template <class C>
std::vector<Attribute> custom_attributes(const std::vector<Declared>& declared) {
  std::vector<Attribute> attributes;
  for (const Declared& d : declared) {
    Attribute a;
    a.name = d.name;
    a.type = d.type;
    a.doc = d.doc;
    a.default_value = d.default_value;
    a.is_required = d.is_required;
    a.set = [name = d.name, type = d.type](Object& object, const Json& json) {
      static_cast<C&>(object).given[name] = read_as(type, json);
    };
    a.get = [name = d.name, otherwise = d.default_value](const Object& object) {
      const Json& given = static_cast<const C&>(object).given;
      return given.contains(name) ? given[name] : otherwise;
    };
    attributes.push_back(std::move(a));
  }
  return attributes;
}

}  // namespace keratin::capi
