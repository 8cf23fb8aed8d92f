#include "model/compile.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "model/loss_tracker.h"

namespace keratin {
namespace {

bool is_serialized(const Json& json) { return json.is_object() && json.contains("class_name"); }
bool is_leaf(const Json& json) { return json.is_null() || json.is_string() || is_serialized(json); }
bool is_one_of(const Json& json, std::initializer_list<const char*> names) {
  if (!json.is_string()) return false;
  std::string lower = json.get<std::string>();
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(names.begin(), names.end(), lower) != names.end();
}
bool is_accuracy(const Json& json) { return is_one_of(json, {"accuracy", "acc"}); }
bool is_crossentropy(const Json& json) { return is_one_of(json, {"crossentropy", "ce"}); }

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "'" : ", '") + name + "'";
  return list;
}

// Checks the names in lists and dictionaries of losses or metrics, and writes out each serialized
// object in full, its name included.
Json checked(const Json& json, const char* kind, const std::string& where) {
  if (json.is_null() || is_accuracy(json) || is_crossentropy(json)) return json;
  if (json.is_string()) {
    if (!find_class(kind, json.get<std::string>()))
      fail(Code::kNotFound, "compile: ", where, ": unknown name '", json.get<std::string>(), "'");
    return json;
  }
  if (is_serialized(json)) {
    try {
      return json["class_name"] == "function" ? json : serialize(deserialize(kind, json).get());
    } catch (const Error& error) {
      fail(error.code(), "compile: ", where, ": ", error.what());
    }
  }
  require(json.is_array() || json.is_object(), "compile: ", where,
          ": expected a name, a serialized object, a list or a dictionary by output, got ",
          json.dump());
  Json copy = json;
  for (auto& [key, value] : copy.items()) value = checked(value, kind, where);
  return copy;
}

// What Keras' "accuracy" and "crossentropy" stand for, from the shapes alone.
const char* choose(const Spec& y_true, const Spec& y_pred, const char* binary, const char* sparse,
                   const char* categorical) {
  const Shape &t = y_true.shape, &p = y_pred.shape;
  if (!p.empty() && p.back() == 1) return binary;
  if (t.size() < p.size() || (!t.empty() && t.back() == 1 && !p.empty() && p.back() > 1))
    return sparse;
  return categorical;
}

LossPtr make_loss(const Json& json, const Spec& y_true, const Spec& y_pred) {
  if (json.is_null()) return nullptr;
  if (!is_crossentropy(json)) return deserialize_as<Loss>(json);
  return deserialize_as<Loss>(choose(y_true, y_pred, "binary_crossentropy",
                                     "sparse_categorical_crossentropy",
                                     "categorical_crossentropy"));
}

MetricPtr make_metric(const Json& json, const Spec& y_true, const Spec& y_pred) {
  require(!json.is_null(), "compile: expected a metric, got null");
  MetricPtr metric;
  if (is_accuracy(json))
    metric = deserialize_as<Metric>(choose(y_true, y_pred, "BinaryAccuracy",
                                           "SparseCategoricalAccuracy", "CategoricalAccuracy"));
  else if (is_serialized(json) && json["class_name"] == "function" && json["config"].is_string() &&
           !find_class("metrics", json["config"].get<std::string>()))
    metric = std::static_pointer_cast<Metric>(  // a loss' function
        create("metrics", "MeanMetricWrapper", {{"fn", json}}));
  else
    metric = deserialize_as<Metric>(json);
  // A metric goes by the name under which it was asked for: "mae" stays "mae".
  if (json.is_string()) metric->name = json.get<std::string>();
  if (is_serialized(json) && json["class_name"] == "function" && json["config"].is_string())
    metric->name = json["config"].get<std::string>();
  metric->build(y_true, y_pred);
  return metric;
}

void flatten(const Json& json, std::vector<Json>& leaves) {
  if (is_leaf(json)) {
    leaves.push_back(json);
    return;
  }
  for (const auto& [key, value] : json.items()) flatten(value, leaves);
}

// The entry of `json` for one output: from a dictionary by name or a list by position.
const Json& entry_of(const Json& json, const std::vector<std::string>& names, std::size_t output) {
  static const Json none;
  if (json.is_array()) return json[output];
  const auto found = json.find(names[output]);
  return found == json.end() ? none : *found;
}

}  // namespace

Compiled::Compiled(const Json& config) : config_(config) {
  require(config.is_object(), "compile: expected an object, got ", config.dump());
  const std::set<std::string> known = {"optimizer",        "loss",        "loss_weights",
                                       "metrics",          "run_eagerly", "steps_per_execution",
                                       "weighted_metrics", "jit_compile", "auto_scale_loss"};
  for (const auto& [key, value] : config.items())
    require(known.contains(key), "compile: unknown argument '", key, "'");
  const auto get = [&](const char* key) { return config.contains(key) ? config[key] : Json(); };
  const Json chosen = config.contains("optimizer") ? config["optimizer"] : Json("rmsprop");
  require(!chosen.is_null(), "compile: expected an optimizer, got null");
  try {
    optimizer = deserialize_as<Optimizer>(chosen);
  } catch (const Error& error) {
    fail(error.code(), "compile: optimizer: ", error.what());
  }
  config_["loss"] = checked(get("loss"), Loss::kKind, "loss");
  for (const char* argument : {"metrics", "weighted_metrics"})
    config_[argument] = checked(get(argument), Metric::kKind, argument);
  config_["loss_weights"] = get("loss_weights");
}

Json Compiled::config() const {
  Json optimizer_json = serialize(optimizer.get());
  if (optimizer->is_built() && !optimizer->learning_rate.schedule &&
      optimizer->info().find("learning_rate"))
    optimizer_json["config"]["learning_rate"] = optimizer->current_learning_rate();
  const auto get = [&](const char* key, const Json& otherwise) {
    return config_.contains(key) && !config_[key].is_null() ? config_[key] : otherwise;
  };
  const Json jit = get("jit_compile", true);
  return Json{{"optimizer", optimizer_json},
              {"loss", config_["loss"]},
              {"loss_weights", config_["loss_weights"]},
              {"metrics", config_["metrics"]},
              {"weighted_metrics", config_["weighted_metrics"]},
              {"run_eagerly", get("run_eagerly", false)},
              {"steps_per_execution", get("steps_per_execution", 1)},
              {"jit_compile", jit.is_boolean() ? jit : Json(true)}};
}

Json Compiled::loss_of(const Model& model, std::size_t output) const {
  const Json& loss = config_["loss"];
  if (is_leaf(loss)) return loss;  // the same for all outputs
  const std::vector<std::string> names = model.output_names();
  if (loss.is_array()) {
    require(loss.size() == names.size(), "compile: the list of losses has ", loss.size(),
            " entries, the model has ", names.size(), " outputs: ", list_of(names));
  } else {
    std::set<std::string> given;
    for (const auto& [key, value] : loss.items()) given.insert(key);
    require(given == std::set<std::string>(names.begin(), names.end()),
            "compile: the losses must be given for the outputs ", list_of(names), ", got ",
            list_of({given.begin(), given.end()}));
  }
  const Json entry = entry_of(loss, names, output);
  require(is_leaf(entry), "compile: expected one loss for the output '", names[output], "', got ",
          entry.dump());
  return entry;
}

bool Compiled::has_loss(const Model& model, std::size_t output) const {
  return !loss_of(model, output).is_null();
}

std::optional<double> Compiled::weight_of(const Model& model, std::size_t output) const {
  const Json& weights = config_["loss_weights"];
  if (weights.is_null()) return {};
  const std::vector<std::string> names = model.output_names();
  if (weights.is_number()) {
    require(is_leaf(config_["loss"]) || names.size() == 1,
            "compile: loss_weights: expected one weight for each of the outputs ", list_of(names),
            ", got ", weights.dump());
    return weights.get<double>();
  }
  require(weights.is_array() || weights.is_object(),
          "compile: loss_weights: expected a number, a list or a dictionary, got ", weights.dump());
  require(weights.size() == names.size(), "compile: loss_weights has ", weights.size(),
          " entries, the model has ", names.size(), " outputs: ", list_of(names));
  if (weights.is_object())
    require(weights.contains(names[output]), "compile: loss_weights has no entry for the output '",
            names[output], "'");
  const Json& weight = entry_of(weights, names, output);
  if (weight.is_null()) return {};
  require(weight.is_number(), "compile: loss_weights: expected a number for the output '",
          names[output], "', got ", weight.dump());
  return weight.get<double>();
}

void Compiled::build(Model& model, const std::vector<Spec>& targets) {
  if (built_) return;
  const std::vector<std::string> names = model.output_names();
  const std::vector<Spec> predictions = model.output_specs();
  outputs_.clear();
  metrics_.clear();
  trackers_.clear();

  std::vector<std::size_t> trained;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Output output;
    output.loss = make_loss(loss_of(model, i), targets[i], predictions[i]);
    output.weight = weight_of(model, i);
    if (output.loss) {
      require(!targets[i].shape.empty(), "the output '", names[i], "' has a loss but no target");
      trained.push_back(i);
    }
    outputs_.push_back(std::move(output));
  }
  trackers_.push_back({std::make_shared<LossTracker>("loss"), "loss", 0});
  if (trained.size() > 1)
    for (const std::size_t i : trained) {
      const std::string key = names[i] + "_loss";
      trackers_.push_back({std::make_shared<LossTracker>(key), key, i});
    }

  add_metrics(model, targets, "metrics", false);
  add_metrics(model, targets, "weighted_metrics", true);
  // Keys as Keras makes them unique: "mae", "mae_1"; a weighted one is "weighted_mae" first.
  std::map<std::string, int> seen;
  for (Entry& entry : metrics_) {
    const std::string prefix = names.size() > 1 ? names[entry.output] + "_" : "";
    entry.key = prefix + entry.metric->name;
    if (entry.weighted && seen.contains(entry.key))
      entry.key = prefix + "weighted_" + entry.metric->name;
    if (const int count = seen[entry.key]++) entry.key += concat("_", count);
  }
  built_ = true;
}

void Compiled::add_metrics(Model& model, const std::vector<Spec>& targets, const char* argument,
                           bool weighted) {
  const Json& config = config_[argument];
  if (config.is_null()) return;
  const std::vector<std::string> names = model.output_names();
  const std::vector<Spec> predictions = model.output_specs();
  if (names.size() > 1 && !is_leaf(config)) {
    if (config.is_object())
      for (const auto& [key, value] : config.items())
        require(std::find(names.begin(), names.end(), key) != names.end(), "compile: ", argument,
                ": the model has no output '", key, "'; it has ", list_of(names));
    else
      require(config.empty() || config.size() == names.size(), "compile: ", argument, " has ",
              config.size(), " entries, the model has ", names.size(),
              " outputs: ", list_of(names));
  }
  require(names.size() == 1 || !is_leaf(config), "compile: ", argument,
          ": expected a list or a dictionary by output, got ", config.dump());
  if (config.empty()) return;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Json& given = names.size() == 1 ? config : entry_of(config, names, i);
    if (given.is_null()) continue;
    require(!targets[i].shape.empty(), "the output '", names[i], "' has metrics but no target");
    std::vector<Json> leaves;
    flatten(given, leaves);
    for (const Json& leaf : leaves)
      metrics_.push_back({make_metric(leaf, targets[i], predictions[i]), "", i, weighted});
  }
}

void Compiled::reset_metrics() {
  for (Tracker& tracker : trackers_) tracker.mean->reset();
  for (Entry& entry : metrics_) entry.metric->reset();
}

std::vector<VariablePtr> Compiled::metric_state() const {
  std::vector<VariablePtr> all;
  const auto add = [&](const Metric& metric) {
    all.insert(all.end(), metric.variables().begin(), metric.variables().end());
  };
  for (const Tracker& tracker : trackers_) add(*tracker.mean);
  for (const Entry& entry : metrics_) add(*entry.metric);
  return all;
}

std::vector<std::pair<std::string, std::vector<double>>> Compiled::results() const {
  std::map<std::string, std::vector<double>> sorted;
  for (const Tracker& tracker : trackers_) sorted[tracker.key] = tracker.mean->result();
  for (const Entry& entry : metrics_) sorted[entry.key] = entry.metric->result();
  return {std::make_move_iterator(sorted.begin()), std::make_move_iterator(sorted.end())};
}

std::vector<std::string> Compiled::keys_in_order() const {
  // Keras lists the values found under the metrics' own names (one that several metrics have, as
  // often), then the others, sorted.
  std::set<std::string> all, left;
  for (const Tracker& tracker : trackers_) all.insert(tracker.key);
  for (const Entry& entry : metrics_) all.insert(entry.key);
  left = all;
  std::vector<std::string> keys;
  const auto take = [&](const std::string& key) {
    if (!all.contains(key)) return;
    keys.push_back(key);
    left.erase(key);
  };
  take("loss");
  for (const Entry& entry : metrics_) take(entry.metric->name);
  for (std::size_t i = 1; i < trackers_.size(); ++i) take(trackers_[i].key);
  keys.insert(keys.end(), left.begin(), left.end());
  return keys;
}

void Compiled::build_optimizer(Model& model) {
  if (optimizer->is_built()) return;
  trained_.clear();
  gradient_pointers_.clear();
  std::vector<ConstraintPtr> constraints;
  std::int64_t total = 0;
  for (const Weight& weight : model.trainable_weights()) {
    if (weight.variable->value.dtype() != DType::kFloat32)
      fail(Code::kUnsupported, "the weight '", weight.variable->path, "' is ",
           name_of(weight.variable->value.dtype()), "; only float32 weights can be trained");
    trained_.push_back(weight.variable);
    constraints.push_back(weight.constraint);
    total += weight.variable->value.size();
  }
  const Tensor home(DType::kFloat32, {total});
  gradients_ = Tensor(DType::kFloat32, {total});
  std::int64_t offset = 0;
  for (const VariablePtr& weight : trained_) {
    const Tensor place = home.view(offset, weight->value.shape());
    place.assign(weight->value);
    weight->value = place;
    gradient_pointers_.push_back(gradients_.data<float>() + offset);
    offset += place.size();
  }
  model.forget_plans();
  optimizer->build(trained_, std::move(constraints));
}

void compile(const ModelPtr& model, const Json& config) {
  const Usage::Exclusive exclusive(model->usage, model->name, true);
  auto compiled = std::make_shared<Compiled>(config);
  if (model->built())  // what can be known now is said now
    for (std::size_t i = 0; i < model->output_names().size(); ++i) compiled->has_loss(*model, i);
  model->compiled = std::move(compiled);
}

}  // namespace keratin
