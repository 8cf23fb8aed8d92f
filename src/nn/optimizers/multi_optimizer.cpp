#include <algorithm>
#include <map>

#include "nn/optimizers/optimizer.h"
#include "nn/optimizers/pattern.h"

namespace keratin {

// Which optimizer moves which variable: by patterns of their paths, in order, or the default one.
struct OptimizerMap {
  OptimizerPtr default_optimizer;
  std::vector<std::pair<std::string, OptimizerPtr>> patterns;
};
KERATIN_JSON_TRAITS(OptimizerMap)

OptimizerMap JsonTraits<OptimizerMap>::read(const Json& json) {
  require(json.is_object(), "expected a serialized OptimizerMap, got ", json.dump());
  const Json& config = json.contains("config") ? json["config"] : json;
  require(config.is_object() && config.contains("default_optimizer"),
          "expected {'default_optimizer': ..., 'optimizer_map': {pattern: optimizer}}, got ",
          config.dump());
  OptimizerMap map;
  map.default_optimizer = deserialize_as<Optimizer>(config["default_optimizer"]);
  require(map.default_optimizer != nullptr, "expected a default optimizer, got null");
  if (config.contains("optimizer_map") && config["optimizer_map"].is_object())
    for (const auto& [pattern, optimizer] : config["optimizer_map"].items())
      map.patterns.emplace_back(pattern, deserialize_as<Optimizer>(optimizer));
  return map;
}

Json JsonTraits<OptimizerMap>::write(const OptimizerMap& map) {
  if (!map.default_optimizer) return nullptr;
  Json patterns = Json::object();
  for (const auto& [pattern, optimizer] : map.patterns)
    patterns[pattern] = serialize(optimizer.get());
  return {{"module", "keras.optimizers"},
          {"class_name", "OptimizerMap"},
          {"config",
           {{"default_optimizer", serialize(map.default_optimizer.get())},
            {"optimizer_map", std::move(patterns)}}},
          {"registered_name", nullptr}};
}

std::string JsonTraits<OptimizerMap>::type() { return "optimizer map"; }

namespace {

class MultiOptimizer : public Optimizer {
 public:
  OptimizerMap optimizer_map;

  KERATIN_CLASS
  MultiOptimizer() { learning_rate.value = 0; }

  void configured() override {
    Optimizer::configured();
    inner_.clear();
    for (const auto& [pattern, optimizer] : optimizer_map.patterns) inner_.push_back(optimizer);
    inner_.push_back(optimizer_map.default_optimizer);
    for (const OptimizerPtr& optimizer : inner_) {
      const std::string& kind = optimizer ? optimizer->info().name : "null";
      require(optimizer && kind != "MultiOptimizer" && kind != "LossScaleOptimizer",
              "MultiOptimizer: expected optimizers that move weights themselves, got ", kind);
      optimizer->loss_scale_factor = loss_scale_factor;
    }
  }
  void build(std::vector<VariablePtr> weights, std::vector<ConstraintPtr> constraints) override {
    if (built_) {
      if (weights != weights_)
        fail(Code::kState, "the optimizer '", name, "' was built for other variables");
      return;
    }
    if (inner_.empty()) configured();  // where it was not made by the registry
    weights_ = std::move(weights);
    owner_.clear();
    gradients_.resize(inner_.size());
    for (std::size_t k = 0; k < inner_.size(); ++k) {
      std::vector<VariablePtr> own;
      std::vector<ConstraintPtr> own_constraints;
      for (std::size_t i = 0; i < weights_.size(); ++i) {
        if (k == 0) owner_.push_back(owner_of(*weights_[i]));
        if (owner_[i] != k) continue;
        own.push_back(weights_[i]);
        if (!constraints.empty()) own_constraints.push_back(constraints[i]);
      }
      gradients_[k].resize(own.size());
      if (!own.empty()) inner_[k]->build(std::move(own), std::move(own_constraints));
      for (const VariablePtr& v : inner_[k]->variables()) variables_.push_back(v);
    }
    built_ = true;
  }
  void apply(std::span<float* const> gradients) override {
    if (!built_) fail(Code::kState, "the optimizer '", name, "' was not built");
    for (std::size_t k = 0; k < inner_.size(); ++k) {
      std::size_t n = 0;
      for (std::size_t i = 0; i < gradients.size(); ++i)
        if (owner_[i] == k) gradients_[k][n++] = gradients[i];
      if (n) inner_[k]->apply(gradients_[k]);
    }
    ++*variables_[0]->value.data<std::int32_t>();
  }

  void set_learning_rate(double /*value*/) override { no_rate(); }
  void finalize_weights() override {
    for (const OptimizerPtr& optimizer : inner_) optimizer->finalize_weights();
  }
  // In the order and by the names of Keras' container: the class's, made unique.
  std::vector<std::pair<std::string, OptimizerPtr>> parts() const override {
    std::vector<std::pair<std::string, OptimizerPtr>> all;
    std::map<std::string, int> seen;
    for (const OptimizerPtr& optimizer : inner_) {
      const std::string base = to_snake_case(optimizer->info().name);
      const int count = seen[base]++;
      all.emplace_back("optimizers/" + (count ? concat(base, "_", count) : base), optimizer);
    }
    return all;
  }

 protected:
  void update(const UpdateRun& /*run*/) override {}  // the inner ones'

 private:
  [[noreturn]] void no_rate() const {
    fail(Code::kState, "the optimizer '", name,
         "' has no learning rate of its own, only the "
         "optimizers inside have");
  }
  std::size_t owner_of(const Variable& weight) const {
    const auto& patterns = optimizer_map.patterns;
    for (std::size_t k = 0; k < patterns.size(); ++k)
      if (patterns[k].first == weight.path) return k;
    std::size_t found = patterns.size();
    for (std::size_t k = 0; k < patterns.size(); ++k) {
      if (!pattern_matches(patterns[k].first, weight.path)) continue;
      require(found == patterns.size(), "MultiOptimizer: several optimizers for the variable '",
              weight.path, "'");
      found = k;
    }
    return found;
  }

  std::vector<OptimizerPtr> inner_;  // the patterns' in their order, then the default one
  std::vector<std::size_t> owner_;   // of each weight
  std::vector<std::vector<float*>> gradients_;  // of each inner one, in a step
};

const ClassInfo& MultiOptimizer::describe() {
  static const ClassInfo info = [] {
    using C = MultiOptimizer;
    ClassInfo c = class_info<C>("optimizers", "MultiOptimizer", "keras.optimizers",
                                "Several optimizers, each for the variables whose paths match.");
    c.attributes = {
        attribute<C>("optimizer_map", &C::optimizer_map,
                     "Patterns of variables' paths and their optimizers; one for the others.")
            .required(),
        attribute<C>("loss_scale_factor", &C::loss_scale_factor,
                     "By which the loss was multiplied and gradients are divided."),
        name_attribute(attribute<C>("name", &C::name, "Name; made from the class if null.")),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MultiOptimizer);

}  // namespace
}  // namespace keratin
