#include "nn/seed.h"

#include "core/random.h"

namespace keratin {

std::optional<std::int64_t> Seed::value() const {
  const Json& seed = json.is_object() ? json["config"]["seed"] : json;
  return JsonTraits<std::optional<std::int64_t>>::read(seed);
}

std::uint64_t Seed::draw() const {
  const std::optional<std::int64_t> given = value();
  return given ? std::uint64_t(*given) : next_global_seed();
}

Seed JsonTraits<Seed>::read(const Json& json) {
  const bool is_generator = json.is_object() && json.value("class_name", "") == "SeedGenerator" &&
                            json.contains("config") && json["config"].is_object() &&
                            json["config"].contains("seed");
  require(is_generator || json.is_null() || json.is_number_integer(),
          "expected an integer, null or a serialized SeedGenerator, got ", json.dump());
  Seed seed{json};
  seed.value();  // throws for a generator's seed that is not an integer
  return seed;
}

Json JsonTraits<Seed>::write(const Seed& seed) { return seed.json; }

std::string JsonTraits<Seed>::type() { return "int?"; }

}  // namespace keratin
