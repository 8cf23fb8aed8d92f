// Regular expressions over the paths of variables, as some optimizers are configured by.
#pragma once

#include <string>

namespace keratin {

// Extended POSIX expressions, which for names and paths read as Python's do. Throw kInvalidArgument
// for one that is not well formed.
bool pattern_found(const std::string& pattern, const std::string& text);    // anywhere
bool pattern_matches(const std::string& pattern, const std::string& text);  // all of it

}  // namespace keratin
