#include "nn/layers/margins.h"

namespace keratin {
namespace {

bool is_size(const Json& json) { return json.is_number_integer() && json.get<std::int64_t>() >= 0; }

// One number, or a pair of them.
bool read_margin(const Json& json, Margin& margin) {
  if (is_size(json)) {
    margin = {json.get<std::int64_t>(), json.get<std::int64_t>()};
    return true;
  }
  if (!json.is_array() || json.size() != 2 || !is_size(json[0]) || !is_size(json[1])) return false;
  margin = {json[0].get<std::int64_t>(), json[1].get<std::int64_t>()};
  return true;
}

}  // namespace

std::vector<Margin> read_margins(const Layer& layer, const char* attribute, Json& json,
                                 std::size_t axes) {
  std::vector<Margin> margins(axes);
  bool good;
  if (axes == 1 || is_size(json)) {
    // Of one axis: a number, a pair, or a list of one of them.
    const bool nested = axes == 1 && json.is_array() && json.size() == 1;
    good = read_margin(nested ? json[0] : json, margins[0]);
    std::fill(margins.begin(), margins.end(), margins[0]);
  } else {
    good = json.is_array() && json.size() == axes;
    for (std::size_t i = 0; good && i < axes; ++i) good = read_margin(json[i], margins[i]);
  }
  require(good, "layer '", layer.name, "' (", layer.info().name, "): expected ", attribute,
          " to be a number of 0 or more, one for each of ", axes, " axes, or a pair for each, got ",
          json.dump());
  Json pairs = Json::array();
  for (const Margin& m : margins) pairs.push_back({m.before, m.after});
  json = axes == 1 ? pairs[0] : pairs;
  return margins;
}

}  // namespace keratin
