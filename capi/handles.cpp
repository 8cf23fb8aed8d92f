#include "capi/handles.h"

#include "model/holders.h"

namespace keratin::capi {

std::vector<Tensor> tensors_of(const kt_tensor* const* tensors, std::size_t count,
                               const char* name) {
  check_list(tensors, count, name);
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < count; ++i) {
    require(tensors[i] != nullptr, name, "[", i, "] is NULL");
    all.push_back(tensors[i]->tensor);
  }
  return all;
}

void give_tensors(std::vector<Tensor> tensors, kt_tensor** out) {
  std::vector<std::unique_ptr<kt_tensor>> handles;
  for (Tensor& tensor : tensors)
    handles.push_back(std::make_unique<kt_tensor>(kt_tensor{std::move(tensor)}));
  for (std::size_t i = 0; i < handles.size(); ++i) out[i] = handles[i].release();
}

Reading::Reading(const LayerPtr& layer) : models_(models_with(layer)) {
  for (const ModelPtr& model : models_)
    uses_.push_back(std::make_unique<Usage::Shared>(model->usage, model->name));
}

Changing::Changing(const LayerPtr& layer, bool within_training) : models_(models_with(layer)) {
  for (const ModelPtr& model : models_)
    uses_.push_back(
        std::make_unique<Usage::Exclusive>(model->usage, model->name, !within_training));
}

}  // namespace keratin::capi
