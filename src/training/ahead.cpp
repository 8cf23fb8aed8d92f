#include "training/ahead.h"

#include "model/model.h"
#include "nn/layers/works_ahead.h"

namespace keratin {
namespace {

bool is_of(const KerasTensor& tensor, const KerasTensor& input) {
  return tensor.node == input.node && tensor.index == input.index;
}

// The layer that alone takes this input; NULL: none, or it does not work ahead.
const WorksAhead* ahead_of(const Model& model, std::size_t input) {
  const Layer* found = nullptr;
  for (const auto& node : model.nodes())
    for (const KerasTensor& tensor : node->inputs) {
      if (!is_of(tensor, model.input_tensors()[input])) continue;
      if (node->inputs.size() != 1 || (found && found != node->layer.get())) return nullptr;
      found = node->layer.get();
    }
  if (const auto* inner = dynamic_cast<const Model*>(found)) return ahead_of(*inner, 0);
  const auto* layer = dynamic_cast<const WorksAhead*>(found);
  return layer && layer->works_ahead() ? layer : nullptr;
}

}  // namespace

bool works_ahead(const Model& model) {
  for (std::size_t i = 0; i < model.input_tensors().size(); ++i)
    if (ahead_of(model, i)) return true;
  return false;
}

Prepared worked_ahead(const Model& model, Prepared batch) {
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    Tensor& column = batch.columns[i];
    if (const WorksAhead* layer = i < batch.inputs.size() ? ahead_of(model, i) : nullptr) {
      column = layer->work_ahead(column);
      batch.dtypes[i] = column.dtype();
      batch.inputs[i] = {column.dtype(), column.shape()};
      batch.inputs[i].shape[0] = kUnknown;
    }
    column = column.as(batch.dtypes[i]);
  }
  return batch;
}

}  // namespace keratin
