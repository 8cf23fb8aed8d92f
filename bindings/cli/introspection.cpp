#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "keratin/keratin.hpp"

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

template <class Fn>
Json fetched(Fn&& fn) {
  char* text;
  kt::check(fn(&text));
  const std::unique_ptr<char, void (*)(char*)> owner(text, kt_string_free);
  return Json::parse(text);
}

// A default as one would write it: names for objects that have nothing else to say.
std::string shown(const Json& value) {
  if (value.is_object() && value.contains("class_name")) return value["class_name"].dump();
  return value.dump();
}

void print_attribute(const Json& attribute) {
  const bool required = attribute.value("required", false);
  std::string line =
      "  " + attribute["name"].get<std::string>() + ": " + attribute["type"].get<std::string>();
  line += required ? " (required)" : " = " + shown(attribute["default"]);
  std::printf("%s\n      %s", line.c_str(), attribute["doc"].get<std::string>().c_str());
  if (attribute.contains("choices"))
    std::printf(" One of %s.", attribute["choices"].dump().c_str());
  if (attribute.contains("minimum"))
    std::printf(" %s %s.", attribute.value("exclusive_minimum", false) ? "Above" : "At least",
                attribute["minimum"].dump().c_str());
  if (attribute.contains("maximum"))
    std::printf(" At most %s.", attribute["maximum"].dump().c_str());
  std::printf("\n");
}

void print_class(const Json& info) {
  std::printf("%s.%s: %s\n", info["module"].get<std::string>().c_str(),
              info["name"].get<std::string>().c_str(), info["doc"].get<std::string>().c_str());
  for (const Json& attribute : info["attributes"]) print_attribute(attribute);
}

}  // namespace

void list_classes(const std::string& kind, const std::string& name) {
  if (!name.empty())
    return print_class(
        fetched([&](char** json) { return kt_registry_class(kind.c_str(), name.c_str(), json); }));
  const Json classes =
      fetched([&](char** json) { return kt_registry_classes(kind.c_str(), json); });
  std::size_t width = 0;
  for (const Json& info : classes) width = std::max(width, info["name"].get<std::string>().size());
  for (const Json& info : classes)
    std::printf("%-*s  %s\n", static_cast<int>(width), info["name"].get<std::string>().c_str(),
                info["doc"].get<std::string>().c_str());
}

}  // namespace cli
