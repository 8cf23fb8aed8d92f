#include "model/holders.h"

#include <algorithm>
#include <mutex>

namespace keratin {
namespace {

// Of every layer's list: they are short and seldom used.
std::mutex& mutex() {
  static std::mutex instance;
  return instance;
}

void collect(const LayerPtr& layer, std::vector<ModelPtr>& models) {
  if (ModelPtr model = std::dynamic_pointer_cast<Model>(layer)) {
    if (std::find(models.begin(), models.end(), model) != models.end()) return;
    models.push_back(std::move(model));
  }
  for (const std::weak_ptr<Layer>& holder : layer->holders)
    if (const LayerPtr above = holder.lock()) collect(above, models);
}

}  // namespace

void add_holder(const std::vector<LayerPtr>& layers, const std::weak_ptr<Layer>& model) {
  std::lock_guard lock(mutex());
  for (const LayerPtr& layer : layers) {
    std::erase_if(layer->holders, [](const auto& holder) { return holder.expired(); });
    layer->holders.push_back(model);
  }
}

std::vector<ModelPtr> models_with(const LayerPtr& layer) {
  std::vector<ModelPtr> models;
  std::lock_guard lock(mutex());
  collect(layer, models);
  return models;
}

}  // namespace keratin
