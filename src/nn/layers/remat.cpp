#include "nn/layers/remat.h"

#include <algorithm>
#include <mutex>

#include "core/error.h"

namespace keratin {
namespace {

constexpr std::string_view kModes[] = {"none", "full", "activations", "larger_than",
                                       "list_of_layers"};

struct Setting {
  std::mutex mutex;
  Remat remat;
};

Setting& setting() {
  static Setting instance;
  return instance;
}

}  // namespace

bool Remat::takes(std::string_view layer, const std::vector<Value>& outputs) const {
  if (mode == Mode::kListOfLayers)
    return std::find(layer_names.begin(), layer_names.end(), layer) != layer_names.end();
  if (mode != Mode::kLargerThan) return mode == Mode::kFull;
  std::int64_t size = 0;
  for (const Value& output : outputs) {
    std::int64_t elements = 1;
    for (const std::int64_t extent : output.shape()) elements *= extent == kUnknown ? 1 : extent;
    size += elements;
  }
  return size > output_size_threshold;
}

Remat::Mode remat_mode(std::string_view name) {
  const auto* const found = std::find(std::begin(kModes), std::end(kModes), name);
  require(found != std::end(kModes), "remat: the mode '", name,
          "' is not known; expected none, full, activations, larger_than or list_of_layers");
  return static_cast<Remat::Mode>(found - std::begin(kModes));
}

void set_remat(Remat remat) {
  const std::lock_guard lock(setting().mutex);
  setting().remat = std::move(remat);
}

Remat remat() {
  const std::lock_guard lock(setting().mutex);
  return setting().remat;
}

}  // namespace keratin
