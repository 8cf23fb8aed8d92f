#include "core/json_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "core/error.h"

namespace keratin {
namespace {

// nlohmann's JSON knows finite numbers alone. The others stand in the text that it reads and writes
// as strings that begin with a control character.
struct Name {
  std::string_view text, marked;
  double value;
};
constexpr Name kNames[] = {
    {"-Infinity", R"("\u0001-Infinity")", -std::numeric_limits<double>::infinity()},
    {"Infinity", R"("\u0001Infinity")", std::numeric_limits<double>::infinity()},
    {"NaN", R"("\u0001NaN")", std::numeric_limits<double>::quiet_NaN()}};

// What the parser makes of a marked name.
bool is_marked(const std::string& string, const Name& name) {
  return string.starts_with('\1') && std::string_view(string).substr(1) == name.text;
}

std::string mark(const std::string& text) {
  std::string marked;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    std::size_t n = 1;
    if (in_string && text[i] == '\\') n = std::min<std::size_t>(2, rest.size());
    if (text[i] == '"') in_string = !in_string;
    const Name* found = nullptr;
    for (const Name& name : kNames)
      if (!in_string && rest.starts_with(name.text) && !found) found = &name;
    if (found) n = found->text.size();
    marked += found ? found->marked : rest.substr(0, n);
    i += n;
  }
  return marked;
}

void unmark(Json& json) {
  if (!json.is_string()) return;
  for (const Name& name : kNames)
    if (is_marked(json.get_ref<const std::string&>(), name)) return void(json = name.value);
}

bool is_finite(const Json& json) {
  if (json.is_number_float()) return std::isfinite(json.get<double>());
  return !json.is_structured() || std::all_of(json.begin(), json.end(), is_finite);
}

Json marked(const Json& json) {
  if (json.is_structured()) {
    Json copy = json;
    for (Json& item : copy) item = marked(item);
    return copy;
  }
  if (!json.is_number_float() || is_finite(json)) return json;
  const double value = json.get<double>();
  for (const Name& name : kNames)
    if (value == name.value || std::isnan(name.value)) return '\1' + std::string(name.text);
  return json;
}

}  // namespace

Json parse_json(const std::string& text, const std::string& what) {
  // nlohmann's parser recurses over nothing but its own stack of states, yet its destructor and our
  // readers recurse over the value: a bound on the nesting keeps hostile files harmless.
  constexpr int kMaxDepth = 200;
  bool too_deep = false;
  const auto guard = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::value) unmark(value);
    if (event == Json::parse_event_t::key)
      for (const Name& name : kNames)
        if (is_marked(value.get_ref<const std::string&>(), name))
          fail(Code::kCorrupt, what, " is not valid JSON: ", name.text, " is no key");
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start)
      too_deep |= depth > kMaxDepth;
    return !too_deep;
  };
  try {
    Json json = Json::parse(mark(text), guard);
    if (too_deep) fail(Code::kCorrupt, what, " is nested more than ", kMaxDepth, " deep");
    return json;
  } catch (const nlohmann::json::exception& error) {
    fail(Code::kCorrupt, what, " is not valid JSON: ", error.what());
  }
}

std::string json_text(const Json& json, bool ascii) {
  const auto dump = [&](const Json& value) {
    return value.dump(-1, ' ', ascii, Json::error_handler_t::replace);
  };
  if (is_finite(json)) return dump(json);
  std::string text = dump(marked(json));
  for (const Name& name : kNames)
    for (std::size_t at = 0; (at = text.find(name.marked, at)) != std::string::npos;)
      text.replace(at, name.marked.size(), name.text);
  return text;
}

}  // namespace keratin
