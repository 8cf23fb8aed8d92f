// How the tensors of a call are passed, as Keras' configurations of functional models have it:
// {"args": [...], "kwargs": {...}}, where {"__keras_tensor__": i} stands for the i-th tensor.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "nn/layers/layer.h"

namespace keratin {

// A call that gives `count` tensors as the layer's inputs.
Json plain_form(const Layer& layer, std::size_t count, std::optional<bool> training);

// A form that was made elsewhere, for `tensors` tensors; throws kInvalidArgument unless it has args
// and kwargs and each tensor stands in it.
Json checked_form(Json form, std::size_t tensors);

// What the layer gets: inputs and arguments, by the names of its call_parameters().
struct BoundCall {
  std::vector<Value> inputs;
  CallArguments arguments;
  std::optional<bool> training;  // saved; without effect in the run of a model
};
// Throws kInvalidArgument for what the layer's call does not take.
BoundCall bind_call(const Layer& layer, const Json& form, std::span<const Value> tensors);

// The form with what `tensor` gives for each tensor: configuration from form. And back: `tensor`
// gets what stands for a tensor in a configuration and returns its number.
Json written_form(const Json& form, const std::function<Json(std::size_t)>& tensor);
Json read_form(const Json& call, const std::function<std::size_t(const Json&)>& tensor);

}  // namespace keratin
