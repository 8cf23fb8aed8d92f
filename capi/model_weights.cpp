// One weight of a model, by its path.
#include "capi/handles.h"

using namespace keratin;
using namespace keratin::capi;

namespace {

Variable& weight_of(const Model& model, const std::string& path) {
  VariablePtr found;
  std::string known;
  for (const Weight& weight : model.weights()) {
    known += (known.empty() ? "" : ", ") + weight.variable->path;
    if (weight.variable->path != path) continue;
    if (found)
      fail(Code::kUnsupported, "the model '", model.name, "' has two weights of the path '", path,
           "', which cannot be told apart; ask the layer for them");
    found = weight.variable;
  }
  if (!found)
    fail(Code::kNotFound, "the model '", model.name, "' has no weight '", path, "'; it has ",
         known.empty() ? "none (is it built?)" : known);
  return *found;
}

}  // namespace

kt_error* kt_model_weight(const kt_model* model, const char* path, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    const ModelPtr& m = need(model, "model").model;
    const Reading reading(m);
    return new kt_tensor{weight_of(*m, &need(path, "path")).value.clone()};
  });
}

kt_error* kt_model_set_weight(kt_model* model, const char* path, const kt_tensor* tensor) {
  return guard([&] {
    const ModelPtr& m = need(model, "model").model;
    const Tensor& given = need(tensor, "tensor").tensor;
    const Changing changing(m, true);
    const Tensor& value = weight_of(*m, &need(path, "path")).value;
    require(given.shape() == value.shape() && given.dtype() != DType::kString, "the weight '", path,
            "': expected ", name_of(value.dtype()), " of shape ", to_string(value.shape()),
            ", got ", name_of(given.dtype()), " of shape ", to_string(given.shape()));
    value.assign(given.as(value.dtype()));
  });
}
