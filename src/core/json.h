// JSON, in the order in which keys were written.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace keratin {

using Json = nlohmann::ordered_json;

// Parses; throws kCorrupt naming `what` and the place.
Json parse_json(const std::string& text, const std::string& what);

}  // namespace keratin
