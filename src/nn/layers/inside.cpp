#include "nn/layers/inside.h"

#include <map>

#include "nn/layers/snake_name.h"

namespace keratin {

Json serialize_built(const LayerPtr& layer) {
  Json json = serialize(layer.get());
  if (layer)
    if (Json build = layer->build_config(); !build.is_null())
      json["build_config"] = std::move(build);
  return json;
}

Json serialize_built(const std::vector<LayerPtr>& layers) {
  Json json = Json::array();
  for (const LayerPtr& layer : layers) json.push_back(serialize_built(layer));
  return json;
}

std::vector<std::pair<std::string, LayerPtr>> numbered(const char* list,
                                                       const std::vector<LayerPtr>& layers) {
  std::vector<std::pair<std::string, LayerPtr>> named;
  std::map<std::string, int> counts;
  for (const LayerPtr& layer : layers) {
    const std::string kind = snake_name(layer->info());
    const int count = counts[kind]++;
    named.emplace_back(concat(list, "/", kind, count ? concat("_", count) : ""), layer);
  }
  return named;
}

}  // namespace keratin
