// What compile() adds to a model: optimizer, losses and metrics, resolved for each output.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "model/model.h"
#include "nn/losses/loss.h"
#include "nn/metrics/metric.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {

class Compiled {
 public:
  // The compile_config as Keras writes it: "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics" (names or
  // serialized objects; lists by output, or dictionaries by output name, as Keras takes them) and run_eagerly,
  // steps_per_execution, jit_compile, auto_scale_loss, which are kept and written back.
  explicit Compiled(Model& model, Json config);

  Json config() const;  // for saving: the optimizer's part shows its present learning rate

  struct Output {
    LossPtr loss;              // NULL: this output is not trained
    double weight = 1;
    bool has_weight = false;
  };

  OptimizerPtr optimizer;
  std::vector<Output> outputs;  // one for each output of the model

  // Metrics and loss trackers are made when the targets' shapes are known (Keras builds them then, too).
  // One state for training and evaluation alike. Rebuilt only if the targets' specs change.
  void build_metrics(const Model& model, const std::vector<Spec>& targets);
  struct Entry {
    MetricPtr metric;
    std::string key;   // in the logs: "accuracy", "price_mae"
    int output;
    bool weighted;     // gets the sample weights
  };
  const std::vector<Entry>& metrics() const { return metrics_; }
  const std::vector<MetricPtr>& loss_trackers() const { return loss_trackers_; }  // "loss", then "<output>_loss" where several
  const std::vector<std::string>& loss_keys() const { return loss_keys_; }
  void reset_metrics();

  // Present values as the logs show them, sorted by key as Keras' fit logs are.
  std::vector<std::pair<std::string, std::vector<double>>> results() const;

 private:
  Json config_;
  std::vector<Entry> metrics_;
  std::vector<MetricPtr> loss_trackers_;
  std::vector<std::string> loss_keys_;
  std::vector<Spec> target_specs_;
};

// Compiles the model: config as above; what is absent has Keras' default (optimizer "rmsprop", no loss).
void compile(const ModelPtr& model, const Json& config);

// The symbolic step: losses and metrics of one batch. Targets and sample weights are graph inputs after the model's own.
struct StepGraph {
  std::unique_ptr<Graph> graph;
  std::vector<VariablePtr> weights;  // trainable, in order; gradients are the graph's outputs after the loss (training)
};
// Graph inputs: model inputs, then targets, then (with_weights) one sample weight [batch] for each output.
// Outputs: the loss; when training also the gradient of each trainable weight (of the weight's shape).
StepGraph make_step(Model& model, const std::vector<Spec>& targets, bool with_weights, bool training);

}  // namespace keratin
