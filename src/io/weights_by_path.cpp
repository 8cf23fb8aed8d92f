#include "io/weights_by_path.h"

#include "core/error.h"
#include "io/model_state.h"

namespace keratin::io {

std::map<std::string, Tensor> weights_by_path(const Model& model) {
  std::map<std::string, Tensor> tensors;
  for (const Weight& weight : model.weights())
    if (!tensors.emplace(weight.variable->path, weight.variable->value).second)
      fail(Code::kUnsupported, "the model '", model.name, "' has two weights of the path '",
           weight.variable->path, "', which cannot be told apart in a file of names");
  return tensors;
}

void set_weights_by_path(Model& model, const std::map<std::string, Tensor>& tensors) {
  const std::map<std::string, Tensor> wanted = weights_by_path(model);
  for (const auto& [path, tensor] : tensors)
    if (!wanted.contains(path))
      fail(Code::kCorrupt, "the model '", model.name, "' has no weight '", path, "'");
  std::vector<std::pair<Tensor, Tensor>> assignments;
  for (const auto& [path, weight] : wanted) {
    const auto found = tensors.find(path);
    if (found == tensors.end()) fail(Code::kCorrupt, "there is no weight '", path, "' in the file");
    const Tensor& given = found->second;
    if (given.shape() != weight.shape())
      fail(Code::kCorrupt, "the weight '", path, "' has the shape ", to_string(weight.shape()),
           ", the file has ", to_string(given.shape()));
    assignments.emplace_back(weight, given.as(weight.dtype()));
  }
  for (const auto& [weight, value] : assignments) weight.assign(value);
  weights_loaded(model);
}

}  // namespace keratin::io
