// Keras' configuration of a model, both ways.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/error.h"
#include "model/call_form.h"
#include "model/keras_op.h"
#include "model/model.h"

namespace keratin {
namespace {

bool is_functional(const Layer& layer) {
  const auto* model = dynamic_cast<const Model*>(&layer);
  return model && !model->is_sequential();
}

Json shape_json(const Shape& shape) {
  Json json = Json::array();
  for (const std::int64_t extent : shape)
    json.push_back(extent == kUnknown ? Json(nullptr) : Json(extent));
  return json;
}

Json serialize_layer(const Layer& layer) {
  if (const auto* model = dynamic_cast<const Model*>(&layer)) return model->to_json();
  if (const auto* operation = dynamic_cast<const Operation*>(&layer))
    return keras_op_of(*operation);
  Json json = serialize(&layer);
  if (Json build = layer.build_config(); !build.is_null()) json["build_config"] = std::move(build);
  return json;
}

LayerPtr deserialize_layer(const Json& json) {
  try {
    return deserialize_as<Layer>(is_keras_op(json) ? operation_of(json) : json);
  } catch (const Error& error) {
    std::string name;
    if (json.is_object() && json.contains("config") && json["config"].is_object() &&
        json["config"].contains("name") && json["config"]["name"].is_string())
      name = json["config"]["name"].get<std::string>();
    const std::string message = error.what();
    if (name.empty() || message.find("'" + name + "'") != std::string::npos) throw;
    fail(error.code(), "layer '", name, "': ", message);
  }
}

// ---- to JSON ----

// The number of each call among the calls of its layer: what "keras_history" tells.
using CallNumbers = std::unordered_map<const CallNode*, int>;

// A model's calls in the order in which they were made, which is the one Keras writes.
std::vector<std::shared_ptr<CallNode>> calls_as_made(const Model& model) {
  auto calls = model.nodes();
  std::sort(calls.begin(), calls.end(),
            [](const auto& a, const auto& b) { return a->number < b->number; });
  return calls;
}

CallNumbers number_calls(const Model& model) {
  CallNumbers numbers;
  std::unordered_map<const Layer*, int> next;
  for (const auto& node : calls_as_made(model)) numbers[node.get()] = next[node->layer.get()]++;
  return numbers;
}

Json history(const KerasTensor& tensor, const CallNumbers& numbers) {
  return Json::array({tensor.node->layer->name, numbers.at(tensor.node.get()), tensor.index});
}

Json tensor_json(const KerasTensor& tensor, const CallNumbers& numbers) {
  return {{"class_name", "__keras_tensor__"},
          {"config",
           {{"shape", shape_json(tensor.spec().shape)},
            {"dtype", name_of(tensor.spec().dtype)},
            {"keras_history", history(tensor, numbers)}}}};
}

Json call_json(const CallNode& node, const CallNumbers& numbers) {
  const auto tensor = [&](std::size_t i) { return tensor_json(node.inputs[i], numbers); };
  const auto* operation = dynamic_cast<const Operation*>(node.layer.get());
  if (!operation) return written_form(node.form, tensor);
  std::vector<Json> tensors;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) tensors.push_back(tensor(i));
  return {{"args", arguments_of(*operation, tensors)}, {"kwargs", keywords_of(*operation)}};
}

// Among a model's ends, though not elsewhere, Keras counts the calls of a nested functional model
// from 1.
int first_call_of_end(const Layer& layer) { return is_functional(layer) ? 1 : 0; }

Json ends_json(const std::vector<KerasTensor>& tensors, const CallNumbers& numbers) {
  Json all = Json::array();
  for (const KerasTensor& tensor : tensors) {
    Json end = history(tensor, numbers);
    end[1] = numbers.at(tensor.node.get()) + first_call_of_end(*tensor.node->layer);
    all.push_back(std::move(end));
  }
  return all.size() == 1 ? Json(all[0]) : all;
}

Json functional_config(const Model& model) {
  const CallNumbers numbers = number_calls(model);
  const auto calls = calls_as_made(model);
  Json layers = Json::array();
  for (const LayerPtr& layer : model.layers()) {
    Json json = serialize_layer(*layer);
    json["name"] = layer->name;
    json["inbound_nodes"] = Json::array();
    for (const auto& node : calls)
      if (node->layer == layer && !node->inputs.empty())
        json["inbound_nodes"].push_back(call_json(*node, numbers));
    layers.push_back(std::move(json));
  }
  return {{"name", model.name},
          {"trainable", model.trainable},
          {"layers", std::move(layers)},
          {"input_layers", ends_json(model.input_tensors(), numbers)},
          {"output_layers", ends_json(model.output_tensors(), numbers)}};
}

Json sequential_config(const Model& model, const LayerPtr& input_layer) {
  Json layers = Json::array();
  if (input_layer) layers.push_back(serialize_layer(*input_layer));
  for (const LayerPtr& layer : model.layers()) layers.push_back(serialize_layer(*layer));
  Json config{{"name", model.name},
              {"trainable", model.trainable},
              {"dtype",
               {{"module", "keras"},
                {"class_name", "DTypePolicy"},
                {"config", {{"name", policy_name(model.dtype)}}},
                {"registered_name", nullptr}}},
              {"layers", std::move(layers)}};
  if (!model.input_tensors().empty())
    config["build_input_shape"] = shape_json(model.input_tensors()[0].spec().shape);
  return config;
}

// ---- from JSON ----

const Json& member(const Json& json, const char* key, const char* what) {
  require(json.is_object() && json.contains(key), what, ": '", key, "' is missing");
  return json[key];
}

// Makes a functional model's calls in an order in which each finds its operands.
class FunctionalReader {
 public:
  explicit FunctionalReader(const Json& config) : config_(config) {}

  ModelPtr read(std::string name) {
    const Json& layers = member(config_, "layers", "a functional model");
    require(layers.is_array(), "a functional model: 'layers' is no list");
    for (const Json& json : layers) add_layer(json);
    while (!waiting_.empty()) make_calls();
    return Model::functional(ends("input_layers"), ends("output_layers"), std::move(name));
  }

 private:
  struct Waiting {
    LayerPtr layer;
    const Json* calls;
    std::size_t next = 0;
  };

  void add_layer(const Json& json) {
    const LayerPtr layer = deserialize_layer(json);
    if (json.contains("name") && json["name"].is_string())
      layer->name = json["name"].get<std::string>();
    require(!calls_.contains(layer->name), "two layers of the model are named '", layer->name, "'");
    calls_[layer->name];
    layers_[layer->name] = layer;
    if (layer->info().name == "InputLayer") {
      calls_[layer->name].push_back({input_of(layer)});
      return;
    }
    const Json& calls = member(json, "inbound_nodes", "a functional model's layer");
    require(calls.is_array(), "layer '", layer->name, "': 'inbound_nodes' is no list");
    if (!calls.empty()) waiting_.push_back({layer, &calls});
  }

  // One round over the layers; each makes those of its calls, in order, whose operands are there.
  void make_calls() {
    bool progress = false;
    for (Waiting& w : waiting_)
      while (w.next < w.calls->size()) {
        std::vector<KerasTensor> tensors;
        Json form;
        if (!find_tensors((*w.calls)[w.next], form, tensors)) break;
        if (dynamic_cast<const Operation*>(w.layer.get()))
          form = plain_form(*w.layer, tensors.size(), {});
        calls_[w.layer->name].push_back(call_layer(w.layer, tensors, std::move(form)));
        ++w.next;
        progress = true;
      }
    if (!progress)
      fail(Code::kInvalidArgument, "layer '", waiting_.front().layer->name,
           "': its inputs cannot be found, or the graph has a loop");
    std::erase_if(waiting_, [](const Waiting& w) { return w.next == w.calls->size(); });
  }

  // Gathers the tensors among the arguments of a call; false where one is not there yet.
  bool find_tensors(const Json& call, Json& form, std::vector<KerasTensor>& tensors) const {
    const Json kwargs = call.contains("kwargs") ? call["kwargs"] : Json::object();
    const Json both{{"args", member(call, "args", "a call")}, {"kwargs", kwargs}};
    require(both["args"].is_array() && kwargs.is_object(), "a call has the arguments ",
            both.dump());
    bool complete = true;
    form = read_form(both, [&](const Json& json) {
      const KerasTensor* tensor =
          find(member(member(json, "config", "a tensor"), "keras_history", "a tensor"));
      complete &= tensor != nullptr;
      if (tensor) tensors.push_back(*tensor);
      return tensors.size() - 1;
    });
    return complete;
  }

  // NULL where the call has not been made. `is_end`: of the model's inputs and outputs.
  const KerasTensor* find(const Json& history, bool is_end = false) const {
    const auto is_index = [](const Json& json) {
      return json.is_number_integer() && json.get<std::int64_t>() >= 0;
    };
    require(history.is_array() && history.size() == 3 && history[0].is_string() &&
                is_index(history[1]) && is_index(history[2]),
            "expected [layer, call, output], got ", history.dump());
    const std::string name = history[0].get<std::string>();
    const auto calls = calls_.find(name);
    require(calls != calls_.end(), "a call refers to the layer '", name, "', which is not there");
    std::size_t number = history[1].get<std::size_t>();
    if (is_end) {
      const auto first = static_cast<std::size_t>(first_call_of_end(*layers_.at(name)));
      require(number >= first, "layer '", name, "': its calls are counted from ", first);
      number -= first;
    }
    const auto index = history[2].get<std::size_t>();
    if (number >= calls->second.size()) return nullptr;
    require(index < calls->second[number].size(), "layer '", name, "' has no output ", index);
    return &calls->second[number][index];
  }

  std::vector<KerasTensor> ends(const char* key) const {
    const Json& json = member(config_, key, "a functional model");
    std::vector<KerasTensor> tensors;
    const auto add = [&](const Json& end) {
      const KerasTensor* tensor = find(end, true);
      require(tensor, "a functional model: '", key, "' names ", end.dump(),
              ", which is never made");
      tensors.push_back(*tensor);
    };
    if (json.is_array() && json.size() == 3 && json[0].is_string())
      add(json);
    else
      for (const Json& end : json) add(end);
    return tensors;
  }

  const Json& config_;
  std::map<std::string, LayerPtr> layers_;
  std::map<std::string, std::vector<std::vector<KerasTensor>>> calls_;  // results of each call made
  std::vector<Waiting> waiting_;
};

ModelPtr read_sequential(const Json& config, std::string name) {
  const Json& list = member(config, "layers", "a Sequential model");
  require(list.is_array(), "a Sequential model: 'layers' is no list");
  std::vector<LayerPtr> layers;
  for (const Json& json : list) layers.push_back(deserialize_layer(json));
  ModelPtr model = Model::sequential(std::move(layers), std::move(name));
  if (config.contains("dtype") && !config["dtype"].is_null())
    model->dtype = policy_name(config["dtype"]);
  if (model->input_tensors().empty() && config.contains("build_input_shape") &&
      config["build_input_shape"].is_array()) {
    Shape shape;
    for (const Json& extent : config["build_input_shape"]) {
      require(extent.is_null() || extent.is_number_integer(), "'build_input_shape' is ",
              config["build_input_shape"].dump());
      shape.push_back(extent.is_null() ? kUnknown : extent.get<std::int64_t>());
    }
    model->build_for({DType::kFloat32, shape});
  }
  return model;
}

}  // namespace

ModelPtr model_from_config(const ClassInfo& info, const Json& config) {
  require(config.is_object(), info.name, ": expected an object, got ", config.dump());
  std::string name;
  if (config.contains("name") && config["name"].is_string())
    name = config["name"].get<std::string>();
  const bool sequential = info.name == "Sequential";
  ModelPtr model = sequential ? read_sequential(config, std::move(name))
                              : FunctionalReader(config).read(std::move(name));
  // Keras' Sequential takes no `trainable` from its configuration: its layers' own count.
  if (sequential && std::any_of(model->layers().begin(), model->layers().end(),
                                [](const LayerPtr& layer) { return layer->trainable; }))
    return model;
  if (config.contains("trainable") && config["trainable"].is_boolean())
    model->trainable = config["trainable"].get<bool>();
  return model;
}

namespace {
ClassInfo model_info(const char* name, const char* module, const char* doc) {
  ClassInfo info;
  info.kind = "layers";
  info.name = name;
  info.module = module;
  info.doc = doc;
  info.get_config = [](const Object& object) { return static_cast<const Model&>(object).config(); };
  return info;
}

struct SequentialModel {
  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      ClassInfo i = model_info("Sequential", "keras", "A chain of layers.");
      i.from_config = [](const Json& config) { return model_from_config(describe(), config); };
      return i;
    }();
    return info;
  }
};
KERATIN_REGISTER(SequentialModel);

struct FunctionalModel {
  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      ClassInfo i = model_info("Functional", "keras.src.models.functional", "A graph of layers.");
      i.registered_name = "Functional";
      i.aliases = {"Model"};
      i.from_config = [](const Json& config) { return model_from_config(describe(), config); };
      return i;
    }();
    return info;
  }
};
KERATIN_REGISTER(FunctionalModel);
}  // namespace

const ClassInfo& Model::info() const {
  return sequential_ ? SequentialModel::describe() : FunctionalModel::describe();
}

Json Model::build_config() const {
  if (!sequential_) return {{"input_shape", nullptr}};
  if (inputs_.empty()) return nullptr;
  return {{"input_shape", shape_json(inputs_[0].spec().shape)}};
}

Json Model::config() const {
  return sequential_ ? sequential_config(*this, input_layer_) : functional_config(connected());
}

Json Model::to_json() const {
  Json json = serialize(this);
  if (Json build = build_config(); !build.is_null()) json["build_config"] = std::move(build);
  return json;
}

ModelPtr Model::from_json(const Json& json) {
  const LayerPtr layer = deserialize_layer(json);
  auto model = std::dynamic_pointer_cast<Model>(layer);
  require(model != nullptr, "expected a model, got the layer class '",
          layer ? layer->info().name : "null", "'");
  return model;
}

}  // namespace keratin
