#include "capi/custom.h"

namespace keratin::capi {
namespace {

template <class T>
Json through(const Json& json) {
  return JsonTraits<T>::write(JsonTraits<T>::read(json));
}

std::string text_in(const Json& json, const char* key) {
  if (!json.contains(key)) return {};
  require(json[key].is_string(), "attributes: expected a string for '", key, "', got ",
          json[key].dump());
  return json[key].get<std::string>();
}

}  // namespace

Json read_as(const std::string& type, const Json& json) {
  static const std::string list = "list of ";
  if (type.ends_with('?')) {
    if (json.is_null()) return nullptr;
    const std::string base = type.substr(0, type.size() - 1);
    if (list_classes(base).empty() || base.empty()) return read_as(base, json);
    return serialize(deserialize(base, json).get());
  }
  if (type.starts_with(list)) {
    const std::string element = type.substr(list.size());
    Json values = Json::array();
    if (!json.is_array())
      values.push_back(read_as(element, json));
    else
      for (const Json& item : json) values.push_back(read_as(element, item));
    return values;
  }
  if (type == "int") return through<std::int64_t>(json);
  if (type == "float") return through<double>(json);
  if (type == "bool") return through<bool>(json);
  if (type == "string") return through<std::string>(json);
  if (type == "any") return json;
  fail(Code::kInvalidArgument, "unknown type '", type,
       "'; expected int, float, bool, string, any, list of <type>, <type>? or <kind>?");
}

std::vector<Declared> declared_attributes(const char* text) {
  std::vector<Declared> all;
  if (!text) return all;
  const Json json = parse_json(text, "attributes");
  require(json.is_array(), "attributes: expected a list, got ", json.dump());
  for (const Json& item : json) {
    require(item.is_object(), "attributes: expected objects, got ", item.dump());
    Declared d{text_in(item, "name"), text_in(item, "type"), text_in(item, "doc"), nullptr,
               !item.contains("default")};
    require(!d.name.empty(), "attributes: one has no name");
    for (const Declared& other : all)
      require(other.name != d.name, "attributes: '", d.name, "' is there twice");
    try {
      if (d.is_required)
        read_as(d.type + "?", nullptr);
      else
        d.default_value = read_as(d.type, item["default"]);
    } catch (const Error& error) {
      fail(error.code(), "attributes: '", d.name, "': ", error.what());
    }
    all.push_back(std::move(d));
  }
  return all;
}

}  // namespace keratin::capi
