#include "nn/optimizers/pattern.h"

#include <regex.h>

#include "core/error.h"

namespace keratin {

bool pattern_found(const std::string& pattern, const std::string& text) {
  regex_t compiled;
  const int bad = regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  require(bad == 0, "'", pattern, "' is not a regular expression");
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

bool pattern_matches(const std::string& pattern, const std::string& text) {
  return pattern_found("^(" + pattern + ")$", text);
}

}  // namespace keratin
