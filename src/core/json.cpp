#include "core/json.h"

#include "core/error.h"

namespace keratin {

Json parse_json(const std::string& text, const std::string& what) {
  // nlohmann's parser recurses over nothing but its own stack of states, yet its destructor and our
  // readers recurse over the value: a bound on the nesting keeps hostile files harmless.
  constexpr int kMaxDepth = 200;
  bool too_deep = false;
  const auto guard = [&](int depth, Json::parse_event_t event, Json&) {
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start)
      too_deep |= depth > kMaxDepth;
    return !too_deep;
  };
  try {
    Json json = Json::parse(text, guard);
    if (too_deep) fail(Code::kCorrupt, what, " is nested more than ", kMaxDepth, " deep");
    return json;
  } catch (const nlohmann::json::exception& error) {
    fail(Code::kCorrupt, what, " is not valid JSON: ", error.what());
  }
}

}  // namespace keratin
