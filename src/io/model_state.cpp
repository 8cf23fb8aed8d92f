#include "io/model_state.h"

#include <functional>
#include <unordered_set>

#include "core/error.h"
#include "model/compile.h"
#include "nn/layers/heads_attention.h"

namespace keratin::io {
namespace {

// The variables that stand in one group of the file.
struct Place {
  std::string path;   // "layers/dense/vars"
  std::string owner;  // for messages: "layer 'dense_1'"
  std::string name;   // as Keras notes it beside them
  std::vector<VariablePtr> variables;
  bool optional = false;
  std::vector<std::string> names = {};  // of the datasets; empty: "0", "1", ...

  std::string dataset(std::size_t i) const { return names.empty() ? std::to_string(i) : names[i]; }
};

// Depth first, as Keras walks: a layer that is reached twice stands where it is met first.
void find_places(const Layer& layer, const std::string& path,
                 std::unordered_set<const Layer*>& visited, std::vector<Place>& places) {
  if (!visited.insert(&layer).second) return;
  Place own{path + "vars", concat("layer '", layer.name, "'"), layer.name, {}};
  own.variables = layer.saved_variables();
  for (const auto& [key, variable] : layer.named_state()) {
    own.names.resize(own.variables.size());
    own.names.push_back(key);
    own.variables.push_back(variable);
  }
  places.push_back(std::move(own));
  if (const VariablePtr& seed = layer.seed_state())  // Keras ignores what it does not look for
    places.push_back({path + "seed_generator/vars",
                      concat("layer '", layer.name, "'"),
                      "seed_generator",
                      {seed},
                      true});
  if (const VariablePtr scale = layer.input_scale())  // so is this
    places.push_back({path + "inputs_quantizer/vars",
                      concat("layer '", layer.name, "'"),
                      "inputs_quantizer",
                      {scale},
                      true});
  for (const auto& [name, child] : layer.children())
    find_places(*child, path + name + "/", visited, places);
}

std::vector<Place> places_of(const Model& model) {
  std::vector<Place> places;
  std::unordered_set<const Layer*> visited;
  find_places(model, "", visited, places);
  return places;
}

Place place_of(const Optimizer& optimizer) {
  return {"optimizer/vars", concat("the optimizer '", optimizer.name, "'"), optimizer.name,
          optimizer.variables()};
}

void write_place(const Place& place, Hdf5Group& root) {
  Hdf5Group& group = root.make(place.path);
  group.attributes["name"] = place.name;
  for (std::size_t i = 0; i < place.variables.size(); ++i)
    group.datasets[place.dataset(i)] = place.variables[i]->value;
}

// The variables of optimizers inside another stand in its own place and, once more, in theirs.
void write_optimizer(const Optimizer& optimizer, Hdf5Group& root) {
  write_place(place_of(optimizer), root);
  for (const auto& [name, part] : optimizer.parts())
    write_place({"optimizer/" + name + "/vars", concat("the optimizer '", part->name, "'"),
                 part->name, part->variables()},
                root);
}

std::string names_of(const std::vector<VariablePtr>& variables) {
  std::string names;
  for (const VariablePtr& v : variables) names += (names.empty() ? "" : ", ") + v->name;
  return names.empty() ? "none" : names;
}

void read_place(const Place& place, const Hdf5Group& root, std::vector<Assignment>& assignments) {
  const Hdf5Group* group = root.find(place.path);
  const std::size_t given = group ? group->datasets.size() : 0;
  if (place.optional && given == 0) return;
  if (given != place.variables.size())
    fail(Code::kCorrupt, place.owner, " has ", place.variables.size(), " variables (",
         names_of(place.variables), "), the file has ", given, " at '", place.path, "'");
  for (std::size_t i = 0; i < place.variables.size(); ++i) {
    const VariablePtr& variable = place.variables[i];
    const auto found = group->datasets.find(place.dataset(i));
    if (found == group->datasets.end())
      fail(Code::kCorrupt, place.owner, ": the file has no '", place.path, "/", place.dataset(i),
           "' for its variable '", variable->name, "'");
    const Tensor& value = found->second;
    if (value.shape() != variable->value.shape())
      fail(Code::kCorrupt, place.owner, ": its variable '", variable->name, "' has the shape ",
           to_string(variable->value.shape()), ", the file has ", to_string(value.shape()), " at '",
           place.path, "/", place.dataset(i), "'");
    assignments.push_back({variable, value.as(variable->value.dtype())});
  }
}

// Calls fn(layer, path) for each layer, once: "layers/dense/".
template <class Fn>
void walk(const LayerPtr& layer, const std::string& path, std::unordered_set<Layer*>& visited,
          const Fn& fn) {
  if (!visited.insert(layer.get()).second) return;
  fn(*layer, path);
  for (const auto& [name, child] : layer->children()) walk(child, path + name + "/", visited, fn);
}

template <class Fn>
void each_layer(const Model& model, const Fn& fn) {
  std::unordered_set<Layer*> visited;
  for (const auto& [name, child] : model.children()) walk(child, name + "/", visited, fn);
}

}  // namespace

void weights_loaded(Layer& layer) {
  layer.weights_loaded();
  for (const auto& [name, child] : layer.children()) weights_loaded(*child);
}

Hdf5Group write_state(const Model& model) {
  Hdf5Group root;
  for (const Place& place : places_of(model)) write_place(place, root);
  if (model.compiled && model.compiled->optimizer)
    write_optimizer(*model.compiled->optimizer, root);
  return root;
}

void quantize_as(Model& model, const Hdf5Group& root) {
  each_layer(model, [&](Layer& layer, const std::string& path) {
    const Hdf5Group* group = root.find(path + "vars");
    const auto first = group ? group->datasets.find("0") : decltype(group->datasets.end()){};
    if (!group || first == group->datasets.end() || first->second.dtype() != DType::kInt8) return;
    if (layer.built() && !layer.quantized() && layer.int8_form() != Layer::Int8Form::kNone)
      layer.quantize();
  });
  each_layer(model, [](Layer& layer, const std::string&) {
    if (auto* heads = dynamic_cast<HeadsAttention*>(&layer)) heads->note_quantized();
  });
}

ModelPtr without_initial_values(const Json& config) {
  const WithoutInitialValues scope;
  return Model::from_json(config);
}

void assign_all(const std::vector<Assignment>& assignments) {
  for (const Assignment& a : assignments) a.variable->value.assign(a.value);
}

void read_state(Model& model, const Hdf5Group& root) {
  std::vector<Assignment> assignments;
  for (const Place& place : places_of(model)) read_place(place, root, assignments);
  if (model.compiled && model.compiled->optimizer) {
    const Place place = place_of(*model.compiled->optimizer);
    const Hdf5Group* group = root.find(place.path);
    if (group && group->datasets.size() == place.variables.size())
      read_place(place, root, assignments);
  }
  assign_all(assignments);
  weights_loaded(model);
}

std::map<std::string, std::string> write_assets(const Model& model) {
  std::map<std::string, std::string> files;
  each_layer(model, [&](const Layer& layer, const std::string& path) {
    for (auto& [name, bytes] : layer.assets()) files["assets/" + path + name] = bytes;
  });
  return files;
}

void read_assets(Model& model, const std::map<std::string, std::string>& members) {
  each_layer(model, [&](Layer& layer, const std::string& path) {
    const std::string folder = "assets/" + path;
    std::map<std::string, std::string> files;
    for (auto i = members.lower_bound(folder); i != members.end() && i->first.starts_with(folder);
         ++i)
      if (i->first.find('/', folder.size()) == std::string::npos)
        files[i->first.substr(folder.size())] = i->second;
    if (!files.empty()) layer.load_assets(files);
  });
}

}  // namespace keratin::io
