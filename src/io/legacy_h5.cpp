#include "io/legacy_h5.h"

#include "core/error.h"
#include "io/legacy_config.h"
#include "io/model_state.h"
#include "model/compile.h"

namespace keratin::io {
namespace {

constexpr const char* kModelWeights = "model_weights";
constexpr const char* kModel = "model_config";
constexpr const char* kTraining = "training_config";

// A list of names; long ones are split into "name0", "name1", ...
std::vector<std::string> names_of(const Hdf5Group& group, const std::string& attribute) {
  const auto whole = group.list_attributes.find(attribute);
  if (whole != group.list_attributes.end()) return whole->second;
  std::vector<std::string> names;
  for (int i = 0;; ++i) {
    const auto part = group.list_attributes.find(attribute + std::to_string(i));
    if (part == group.list_attributes.end()) return names;
    names.insert(names.end(), part->second.begin(), part->second.end());
  }
}

// The datasets of a group in the order of its list of names, which are paths: "dense/kernel:0".
std::vector<Tensor> values_of(const Hdf5Group& group, const std::string& what) {
  std::vector<Tensor> values;
  for (const std::string& path : names_of(group, "weight_names")) {
    const std::size_t slash = path.rfind('/');
    const Hdf5Group* parent =
        slash == std::string::npos ? &group : group.find(path.substr(0, slash));
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (!parent || !parent->datasets.contains(name))
      fail(Code::kCorrupt, what, ": the file names the weight '", path, "' and does not have it");
    values.push_back(parent->datasets.at(name));
  }
  return values;
}

std::vector<VariablePtr> variables_of(const Layer& layer) {
  std::vector<VariablePtr> trainable, others;
  for (const Weight& weight : layer.weights())
    (weight.variable->trainable ? trainable : others).push_back(weight.variable);
  trainable.insert(trainable.end(), others.begin(), others.end());
  return trainable;
}

void assign_layer(const Layer& layer, const std::vector<Tensor>& values,
                  std::vector<Assignment>& to) {
  const std::vector<VariablePtr> variables = variables_of(layer);
  if (variables.size() != values.size())
    fail(Code::kCorrupt, "layer '", layer.name, "' has ", variables.size(),
         " weights, the file has ", values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (variables[i]->value.shape() != values[i].shape())
      fail(Code::kCorrupt, "layer '", layer.name, "': its weight '", variables[i]->name,
           "' has the shape ", to_string(variables[i]->value.shape()), ", the file has ",
           to_string(values[i].shape()));
    to.push_back({variables[i], values[i].as(variables[i]->value.dtype())});
  }
}

// As Keras does: taken only where it fits as a whole.
void load_optimizer(const Compiled& compiled, const Hdf5Group& root) {
  const Hdf5Group* group = root.find("optimizer_weights");
  if (!group || !compiled.optimizer) return;
  const std::vector<Tensor> values = values_of(*group, "the optimizer");
  const std::vector<VariablePtr> variables = compiled.optimizer->variables();
  if (values.size() != variables.size()) return;
  std::vector<Assignment> assignments;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].shape() != variables[i]->value.shape()) return;
    assignments.push_back({variables[i], values[i].as(variables[i]->value.dtype())});
  }
  assign_all(assignments);
}

}  // namespace

bool is_legacy(const Hdf5Group& root) {
  return root.attributes.contains(kModel) || root.list_attributes.contains("layer_names") ||
         root.list_attributes.contains("layer_names0") || root.groups.contains(kModelWeights);
}

void load_legacy_weights(Model& model, const Hdf5Group& root) {
  const Hdf5Group* weights = root.find(kModelWeights);
  const Hdf5Group& group = weights ? *weights : root;
  std::vector<LayerPtr> layers;
  for (const LayerPtr& layer : model.layers())
    if (!layer->weights().empty()) layers.push_back(layer);

  std::vector<std::vector<Tensor>> values;
  for (const std::string& name : names_of(group, "layer_names")) {
    const auto found = group.groups.find(name);
    if (found == group.groups.end())
      fail(Code::kCorrupt, "the file names the layer '", name, "' and does not have it");
    auto of_layer = values_of(found->second, "layer '" + name + "'");
    if (!of_layer.empty()) values.push_back(std::move(of_layer));
  }
  if (values.size() != layers.size())
    fail(Code::kCorrupt, "the model '", model.name, "' has ", layers.size(),
         " layers with weights, the file has ", values.size());
  std::vector<Assignment> assignments;
  for (std::size_t i = 0; i < layers.size(); ++i) assign_layer(*layers[i], values[i], assignments);
  assign_all(assignments);
  weights_loaded(model);
}

ModelPtr load_legacy_model(const Hdf5Group& root, bool compile_it) {
  const auto config = root.attributes.find(kModel);
  if (config == root.attributes.end())
    fail(Code::kCorrupt, "not a whole model: the file has no '", kModel,
         "'; weights alone are read into a model that is there");
  const ModelPtr model = without_initial_values(upgrade_model(parse_json(config->second, kModel)));
  load_legacy_weights(*model, root);
  const auto training = root.attributes.find(kTraining);
  if (!compile_it || training == root.attributes.end()) return model;
  compile(model, upgrade_training(parse_json(training->second, kTraining)));
  if (model->built()) model->compiled->build_optimizer(*model);
  load_optimizer(*model->compiled, root);
  return model;
}

}  // namespace keratin::io
