// The `seed` attribute of everything random: an integer, null, or a serialized SeedGenerator.
#pragma once

#include <cstdint>
#include <optional>

#include "core/attributes.h"

namespace keratin {

struct Seed {
  Json json;  // as it was given, and as it is written back

  std::optional<std::int64_t> value() const;
  // The value, or a fresh one of next_global_seed() where there is none.
  std::uint64_t draw() const;
};
KERATIN_JSON_TRAITS(Seed)

}  // namespace keratin
