// What is computed of each batch before the graph: by layers that work ahead.
#pragma once

#include "training/data.h"

namespace keratin {

// Whether any input goes to such a layer (nn/layers/works_ahead.h), also in models inside.
bool works_ahead(const Model& model);

// A batch with all elements as the graph takes them: converted, and worked ahead on.
Prepared worked_ahead(const Model& model, Prepared batch);

}  // namespace keratin
