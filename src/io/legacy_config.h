// Configurations as Keras 2 wrote them, in the form of Keras 3.
#pragma once

#include "core/json.h"

namespace keratin::io {

// A model or layer: {"class_name", "config", ...}. What is in today's form already stays as it is.
Json upgrade_model(Json model);
// Keras 2's "training_config" as compile()'s arguments.
Json upgrade_training(Json training);

}  // namespace keratin::io
