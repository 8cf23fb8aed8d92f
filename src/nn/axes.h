// An `axis` attribute that Keras takes as one integer or as a list, and writes back as it came.
#pragma once

#include <cstdint>
#include <vector>

#include "core/attributes.h"

namespace keratin {

struct Axes {
  std::vector<std::int64_t> values;
  bool is_list = false;
};
KERATIN_JSON_TRAITS(Axes)

}  // namespace keratin
