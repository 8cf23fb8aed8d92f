// JSON as text.
#pragma once

#include <string>

#include "core/json.h"

namespace keratin {

// What parse_json reads to the same. As Python's json (so Keras' files) has it, Infinity, -Infinity
// and NaN stand for themselves. Keeps to ASCII if asked to; bytes that are no UTF-8 become U+FFFD.
std::string json_text(const Json& json, bool ascii = false);

}  // namespace keratin
