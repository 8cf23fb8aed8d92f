// Ops in functional models, as Keras saves them: {"module": "keras.src.ops.numpy", "class_name":
// "Add", ...}, with numbers among the arguments of the call.
#pragma once

#include <vector>

#include "nn/layers/operation.h"

namespace keratin {

bool is_keras_op(const Json& layer);
// The layer's serialized form here: an Operation. Throws kNotFound for an op that is not known,
// kUnsupported naming an attribute that means something and is not.
Json operation_of(const Json& layer);

// And back: module, class, config.
Json keras_op_of(const Operation& operation);
// The call's arguments, numbers put in again, and those by name that the op does not list.
Json arguments_of(const Operation& operation, const std::vector<Json>& tensors);
Json keywords_of(const Operation& operation);

}  // namespace keratin
