#include "core/registry.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>

// The borders of the section that KERATIN_REGISTER fills; the linker defines them.
extern "C" {
extern keratin::DescribeFn __start_keratin_registry[] __attribute__((weak, visibility("hidden")));
extern keratin::DescribeFn __stop_keratin_registry[] __attribute__((weak, visibility("hidden")));
}

namespace keratin {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::vector<const ClassInfo*>, std::less<>> by_kind;
  std::map<std::string, const ClassInfo*, std::less<>> by_name;  // "kind/name", aliases included

  // Names are indexed as given and in snake case; the first one stays.
  void add(const ClassInfo& info) {
    by_kind[info.kind].push_back(&info);
    by_name.emplace(info.kind + "/" + info.name, &info);
    by_name.emplace(info.kind + "/" + to_snake_case(info.name), &info);
    for (const std::string& alias : info.aliases) by_name.emplace(info.kind + "/" + alias, &info);
  }

  Registry() {
    for (DescribeFn* p = __start_keratin_registry; p != __stop_keratin_registry; ++p) add((*p)());
    for (auto& [kind, classes] : by_kind) sort(classes);
  }

  static void sort(std::vector<const ClassInfo*>& classes) {
    std::sort(classes.begin(), classes.end(),
              [](const ClassInfo* a, const ClassInfo* b) { return a->name < b->name; });
  }
};

Registry& registry() {
  static Registry instance;
  return instance;
}

// "layers" -> "layer", for messages.
std::string singular(std::string_view kind) {
  if (kind == "losses") return "loss";
  return std::string(kind.substr(0, kind.size() - 1));
}

}  // namespace

ClassInfo::ClassInfo() = default;
ClassInfo::ClassInfo(const ClassInfo& other) = default;
ClassInfo::ClassInfo(ClassInfo&& other) noexcept = default;
ClassInfo& ClassInfo::operator=(ClassInfo&& other) noexcept = default;
ClassInfo::~ClassInfo() = default;

ClassInfo class_info(std::string_view kind, std::string_view name, std::string_view module,
                     std::string_view doc, MakeObject make) {
  ClassInfo c;
  c.kind = kind;
  c.name = name;
  c.module = module;
  c.doc = doc;
  c.make = make;
  return c;
}

const Attribute* ClassInfo::find(std::string_view attribute) const {
  for (const Attribute& a : attributes)
    if (a.name == attribute) return &a;
  return nullptr;
}

const ClassInfo* find_class(std::string_view kind, std::string_view name) {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  const auto found = r.by_name.find(std::string(kind) + "/" + std::string(name));
  return found == r.by_name.end() ? nullptr : found->second;
}

std::vector<const ClassInfo*> list_classes(std::string_view kind) {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  std::vector<const ClassInfo*> all;
  for (const auto& [k, classes] : r.by_kind)
    if (kind.empty() || kind == k) all.insert(all.end(), classes.begin(), classes.end());
  return all;
}

const ClassInfo& add_class(ClassInfo info) {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  require(!r.by_name.contains(info.kind + "/" + info.name), "the ", singular(info.kind), " '",
          info.name, "' is registered already");
  static std::vector<std::unique_ptr<ClassInfo>> added;
  added.push_back(std::make_unique<ClassInfo>(std::move(info)));
  r.add(*added.back());
  Registry::sort(r.by_kind[added.back()->kind]);
  return *added.back();
}

void configure(Object& object, const Json& config) {
  const ClassInfo& info = object.info();
  require(config.is_object() || config.is_null(), info.name,
          ": expected an object of attributes, got ", config.dump());
  if (config.is_object())
    for (const auto& [key, value] : config.items()) {
      const Attribute* attribute = info.find(key);
      if (!attribute) {
        if (value.is_null()) continue;  // newer Keras versions write more, null where not used
        std::string known;
        for (const Attribute& a : info.attributes) known += (known.empty() ? "" : ", ") + a.name;
        fail(Code::kInvalidArgument, info.name, ": unknown attribute '", key, "'; it has ",
             known.empty() ? "none" : known);
      }
      try {
        attribute->check(value);
        attribute->set(object, value);
      } catch (const Error& error) {
        fail(error.code(), info.name, ".", key, ": ", error.what());
      }
    }
  for (const Attribute& attribute : info.attributes)
    require(!attribute.is_required || (config.is_object() && config.contains(attribute.name)),
            info.name, ": the attribute '", attribute.name, "' (", attribute.type, ") is required");
  object.configured();
}

std::shared_ptr<Object> create(std::string_view kind, std::string_view name, const Json& config) {
  const ClassInfo* info = find_class(kind, name);
  if (!info) fail(Code::kNotFound, "unknown ", singular(kind), " '", name, "'");
  if (info->from_config) return info->from_config(config);
  std::shared_ptr<Object> object = info->make();
  configure(*object, config);
  return object;
}

Json config_of(const Object& object) {
  if (object.info().get_config) return object.info().get_config(object);
  Json config = Json::object();
  for (const Attribute& attribute : object.info().attributes) {
    Json value = attribute.get(object);
    if (!attribute.omit_default || value != attribute.default_value)
      config[attribute.name] = std::move(value);
  }
  return config;
}

Json serialize(const Object* object) {
  if (!object) return nullptr;
  const ClassInfo& info = object->info();
  Json config = config_of(*object);
  if (info.as_function) {
    const bool plain =
        std::all_of(info.attributes.begin(), info.attributes.end(),
                    [&](const Attribute& a) { return config[a.name] == a.default_value; });
    if (plain) return info.name;
  }
  return Json{{"module", info.module},
              {"class_name", info.name},
              {"config", std::move(config)},
              {"registered_name", info.registered_name}};
}

std::shared_ptr<Object> deserialize(std::string_view kind, const Json& json) {
  if (json.is_null()) return nullptr;
  if (json.is_string()) return create(kind, json.get<std::string>(), Json::object());
  require(json.is_object() && json.contains("class_name") && json["class_name"].is_string(),
          "expected the name or the serialized form of one of ", kind, ", got ", json.dump());
  const std::string name = json["class_name"].get<std::string>();
  const Json config = json.contains("config") ? json["config"] : Json::object();
  if (name == "function") return deserialize(kind, config);  // how Keras writes a bare function
  return create(kind, name, config);
}

std::string to_snake_case(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto upper = [&](std::size_t k) {
      return std::isupper(static_cast<unsigned char>(name[k]));
    };
    const auto lower = [&](std::size_t k) {
      return std::islower(static_cast<unsigned char>(name[k]));
    };
    if (i && upper(i)) {
      const bool after_lower =
          lower(i - 1) || std::isdigit(static_cast<unsigned char>(name[i - 1]));
      const bool word_ahead = i + 1 < name.size() && lower(i + 1);
      if ((after_lower && (lower(i - 1) || word_ahead)) || (upper(i - 1) && word_ahead)) out += '_';
    }
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return out;
}

}  // namespace keratin
