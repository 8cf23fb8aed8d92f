// Which models hold a layer, so that whoever works on the layer alone keeps out of their way.
#pragma once

#include <vector>

#include "model/model.h"

namespace keratin {

void add_holder(const std::vector<LayerPtr>& layers, const std::weak_ptr<Layer>& model);

// The models that hold the layer, directly or within other models; the layer itself if it is one.
// Any thread.
std::vector<ModelPtr> models_with(const LayerPtr& layer);

}  // namespace keratin
