#include "io/legacy_config.h"

#include <set>

#include "core/registry.h"

namespace keratin::io {
namespace {

bool is_serialized(const Json& json) {
  return json.is_object() && json.contains("class_name") && json["class_name"].is_string() &&
         json.contains("config") && json["config"].is_object();
}

// ["layer", call, output] or ["layer", call, output, {...}].
bool is_history(const Json& json) {
  return json.is_array() && json.size() >= 3 && json.size() <= 4 && json[0].is_string() &&
         json[1].is_number_integer() && json[2].is_number_integer();
}

Json tensor(const Json& history) {
  return {{"class_name", "__keras_tensor__"},
          {"config", {{"keras_history", {history[0], history[1], history[2]}}}}};
}

// One call: [["a", 0, 0, {}], ["b", 0, 0, {}]] -> {"args": [[a, b]], "kwargs": {...}}.
Json upgrade_call(const Json& call) {
  if (!call.is_array() || call.empty()) return call;
  Json inputs = Json::array(), kwargs = Json::object();
  for (const Json& history : call) {
    if (!is_history(history)) return call;
    inputs.push_back(tensor(history));
    if (history.size() < 4 || !history[3].is_object()) continue;
    for (const auto& [key, value] : history[3].items())
      kwargs[key] = is_history(value) ? tensor(value) : value;
  }
  Json args = Json::array();
  args.push_back(inputs.size() == 1 ? inputs[0] : inputs);
  return {{"args", std::move(args)}, {"kwargs", std::move(kwargs)}};
}

// Keras 2 counts a nested chain's own making as its call 0, as it does for functional models; today
// its calls are counted from 0.
void count_chains_from_zero(Json& config) {
  std::set<std::string> chains;
  for (const Json& layer : config["layers"])
    if (is_serialized(layer) && layer["class_name"] == "Sequential" && layer.contains("name") &&
        layer["name"].is_string())
      chains.insert(layer["name"].get<std::string>());
  const auto shift = [&](auto&& self, Json& json) -> void {
    if (!json.is_array()) return;
    if (is_history(json) && chains.contains(json[0].get<std::string>()) && json[1] > 0)
      json[1] = json[1].get<std::uint64_t>() - 1;
    for (Json& item : json) self(self, item);
  };
  for (Json& layer : config["layers"])
    if (layer.is_object() && layer.contains("inbound_nodes")) shift(shift, layer["inbound_nodes"]);
  for (const char* key : {"input_layers", "output_layers"})
    if (config.contains(key)) shift(shift, config[key]);
}

bool has_old_calls(const Json& config) {
  for (const Json& layer : config["layers"])
    if (layer.is_object() && layer.contains("inbound_nodes") && layer["inbound_nodes"].is_array() &&
        !layer["inbound_nodes"].empty())
      return layer["inbound_nodes"][0].is_array();
  return false;
}

// Attributes that are gone, and mattered to speed alone or were never anything else.
void drop_attributes(Json& config) {
  for (const char* key : {"batch_input_shape", "implementation", "input_length"}) config.erase(key);
  if (config.contains("time_major") && config["time_major"] == false) config.erase("time_major");
}

void upgrade(Json& json) {
  if (json.is_array()) {
    for (Json& item : json) upgrade(item);
    return;
  }
  if (!json.is_object()) return;
  if (is_serialized(json)) {
    Json& config = json["config"];
    if (json["class_name"] == "InputLayer" && config.contains("batch_input_shape"))
      config["batch_shape"] = config["batch_input_shape"];
    if (json["class_name"] == "BatchNormalization" && config.contains("axis") &&
        config["axis"].is_array() && config["axis"].size() == 1)
      config["axis"] = Json(config["axis"][0]);
    drop_attributes(config);
    if (config.contains("layers") && config["layers"].is_array() && has_old_calls(config))
      count_chains_from_zero(config);
  }
  if (json.contains("inbound_nodes") && json["inbound_nodes"].is_array())
    for (Json& call : json["inbound_nodes"]) call = upgrade_call(call);
  for (auto& [key, value] : json.items()) upgrade(value);
}

// A metric that wraps a function is the metric of that function, where there is one.
void upgrade_metrics(Json& json) {
  if (json.is_array() || (json.is_object() && !is_serialized(json))) {
    for (Json& item : json) upgrade_metrics(item);
    return;
  }
  if (!is_serialized(json) || json["class_name"] != "MeanMetricWrapper") return;
  Json& config = json["config"];
  if (!config.contains("fn") || !config["fn"].is_string()) return;
  const ClassInfo* found = find_class("metrics", config["fn"].get<std::string>());
  if (!found) return;
  config.erase("fn");
  json["class_name"] = found->name;
}

}  // namespace

Json upgrade_model(Json model) {
  upgrade(model);
  return model;
}

Json upgrade_training(Json training) {
  if (!training.is_object()) return training;
  if (training.contains("optimizer_config")) {
    Json optimizer = training["optimizer_config"];
    training.erase("optimizer_config");
    if (is_serialized(optimizer)) {
      std::string name = optimizer["class_name"].get<std::string>();
      if (const auto at = name.find('>'); at != std::string::npos) name.erase(0, at + 1);
      optimizer["class_name"] = name;
      Json& config = optimizer["config"];
      for (const char* key : {"jit_compile", "is_legacy_optimizer"}) config.erase(key);
      if (config.contains("decay") && config["decay"] == 0.0) config.erase("decay");
      if (config.contains("lr") && !config.contains("learning_rate")) {
        config["learning_rate"] = config["lr"];
        config.erase("lr");
      }
    }
    training["optimizer"] = std::move(optimizer);
  }
  for (const char* key : {"metrics", "weighted_metrics"})
    if (training.contains(key)) upgrade_metrics(training[key]);
  for (const char* key : {"sample_weight_mode", "loss_scale"}) training.erase(key);
  return training;
}

}  // namespace keratin::io
