#include "core/registry.h"

#include <set>

#include "capi/border.h"

using namespace keratin;
using namespace keratin::capi;

namespace {

Json describe(const Attribute& a) {
  Json json{{"name", a.name},
            {"type", a.type},
            {"doc", a.doc},
            {"required", a.is_required},
            {"default", a.default_value}};
  if (!a.choices.empty()) json["choices"] = a.choices;
  if (a.minimum) {
    json["minimum"] = *a.minimum;
    json["exclusive_minimum"] = a.exclusive_minimum;
  }
  if (a.maximum) json["maximum"] = *a.maximum;
  return json;
}

Json describe(const ClassInfo& info) {
  Json attributes = Json::array();
  for (const Attribute& attribute : info.attributes) attributes.push_back(describe(attribute));
  return {{"kind", info.kind}, {"name", info.name},       {"module", info.module},
          {"doc", info.doc},   {"aliases", info.aliases}, {"attributes", std::move(attributes)}};
}

void check_kind(const char* kind) {
  if (list_classes(&need(kind, "kind")).empty() || !*kind)
    fail(Code::kNotFound, "kind: there are no '", kind, "'");
}

}  // namespace

kt_error* kt_registry_kinds(char** json) {
  return give(json, "json", [&] {
    std::set<std::string> kinds;
    for (const ClassInfo* info : list_classes()) kinds.insert(info->kind);
    return make_string(Json(kinds));
  });
}

kt_error* kt_registry_classes(const char* kind, char** json) {
  return give(json, "json", [&] {
    check_kind(kind);
    Json list = Json::array();
    for (const ClassInfo* info : list_classes(kind)) list.push_back(describe(*info));
    return make_string(list);
  });
}

kt_error* kt_registry_class(const char* kind, const char* name, char** json) {
  return give(json, "json", [&] {
    check_kind(kind);
    const ClassInfo* info = find_class(kind, &need(name, "name"));
    if (!info) fail(Code::kNotFound, kind, ": there is no '", name, "'");
    return make_string(describe(*info));
  });
}

kt_error* kt_registry_serialize(const char* kind, const char* name, const char* config,
                                char** json) {
  return give(json, "json", [&] {
    check_kind(kind);
    const std::shared_ptr<Object> object =
        create(kind, &need(name, "name"), json_of(config, "config"));
    const ClassInfo& info = object->info();
    return make_string(Json{{"module", info.module},
                            {"class_name", info.name},
                            {"config", config_of(*object)},
                            {"registered_name", info.registered_name}});
  });
}
