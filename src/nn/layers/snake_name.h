#pragma once

#include "core/registry.h"

namespace keratin {

// The name by which Keras counts layers of a class and keeps them in files: its Python class' in
// snake case. One class is exported by another name than its own.
inline std::string snake_name(const ClassInfo& info) {
  return to_snake_case(info.name == "GroupQueryAttention" ? "GroupedQueryAttention" : info.name);
}

}  // namespace keratin
