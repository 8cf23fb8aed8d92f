// What stands behind the handles of tensors, layers, models, logs and callbacks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "capi/border.h"
#include "core/tensor.h"
#include "model/model.h"
#include "training/callback.h"

struct kt_tensor {
  keratin::Tensor tensor;
};

struct kt_layer {
  keratin::LayerPtr layer;
};

struct kt_model {
  keratin::ModelPtr model;
};

struct kt_logs {
  keratin::Logs logs;
};

namespace keratin::capi {

DType dtype_of_code(kt_dtype dtype);

// The things behind arrays of handles; errors name the argument and the place.
std::vector<Tensor> tensors_of(const kt_tensor* const* tensors, std::size_t count,
                               const char* name);

// Results into an array of handles, all or none.
void give_tensors(std::vector<Tensor> tensors, kt_tensor** out);

// What one does with a layer or model while it may be in use elsewhere. Both throw kState if
// another thread is in the way, until they go.
class Reading {
 public:
  explicit Reading(const LayerPtr& layer);

 private:
  std::vector<ModelPtr> models_;
  std::vector<std::unique_ptr<Usage::Shared>> uses_;
};

class Changing {
 public:
  // `within_training`: whether a callback may do it to the model in training.
  Changing(const LayerPtr& layer, bool within_training);
  const std::vector<ModelPtr>& models() const { return models_; }

 private:
  std::vector<ModelPtr> models_;
  std::vector<std::unique_ptr<Usage::Exclusive>> uses_;
};

}  // namespace keratin::capi
