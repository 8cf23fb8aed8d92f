// What compile() adds to a model: optimizer, losses and metrics, resolved for each output; and the
// graph of one step.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "model/model.h"
#include "nn/losses/loss.h"
#include "nn/metrics/metric.h"
#include "nn/optimizers/optimizer.h"

namespace keratin {

class Compiled {
 public:
  // The compile_config as Keras writes it: "optimizer", "loss", "loss_weights", "metrics",
  // "weighted_metrics" (names or serialized objects; lists by output, or dictionaries by output
  // name, as Keras takes them) and run_eagerly, steps_per_execution, jit_compile, auto_scale_loss,
  // which are kept and written back. Names are checked here, what depends on the outputs in
  // build().
  explicit Compiled(const Json& config);

  Json config() const;  // for saving: the optimizer's part shows its present learning rate

  OptimizerPtr optimizer;

  // Resolves losses and metrics for the model's outputs, as soon as the targets' shapes are known
  // (Keras does so then, too): one spec for each output, of rank 0 where an output has no target.
  // Does nothing the second time: training and evaluation share one state.
  void build(Model& model, const std::vector<Spec>& targets);
  bool built() const { return built_; }

  struct Output {
    LossPtr loss;  // NULL: this output is not trained
    std::optional<double> weight;
  };
  const std::vector<Output>& outputs() const { return outputs_; }  // one for each of the model's
  // Whether the configuration gives this output a loss; known before build().
  bool has_loss(const Model& model, std::size_t output) const;

  struct Entry {
    MetricPtr metric;
    std::string key;  // in the logs: "accuracy", "price_mae"
    std::size_t output;
    bool weighted;  // gets the sample weights
  };
  const std::vector<Entry>& metrics() const { return metrics_; }
  // Mean losses over an epoch: "loss", then "<output>_loss" where several outputs have one.
  struct Tracker {
    MetricPtr mean;
    std::string key;
    std::size_t output;  // of all but the first
  };
  const std::vector<Tracker>& loss_trackers() const { return trackers_; }
  void reset_metrics();
  // The variables of loss trackers and metrics, in order: how far an epoch has come.
  std::vector<VariablePtr> metric_state() const;

  // Present values as the logs show them: sorted by key, as Keras' are.
  std::vector<std::pair<std::string, std::vector<double>>> results() const;
  // Keys in the order of the list that Keras' evaluate() returns.
  std::vector<std::string> keys_in_order() const;

  // Creates the optimizer's state for the model's trainable weights and lays these out one after
  // another in memory, so that a step moves them in one pass. Done by the first training; loading
  // a saved state needs it before. Does nothing the second time.
  void build_optimizer(Model& model);
  // Where the step leaves the gradient of each trainable weight.
  std::span<float* const> gradients() const { return gradient_pointers_; }
  // The weights that the optimizer was built for.
  const std::vector<VariablePtr>& trained() const { return trained_; }

  // Plans of the steps, kept by src/training.
  struct Steps {
    virtual ~Steps() = default;
  };
  std::unique_ptr<Steps> steps;

 private:
  void add_metrics(Model& model, const std::vector<Spec>& targets, const char* argument,
                   bool weighted);
  Json loss_of(const Model& model, std::size_t output) const;
  std::optional<double> weight_of(const Model& model, std::size_t output) const;

  Json config_;
  bool built_ = false;
  std::vector<Output> outputs_;
  std::vector<Entry> metrics_;
  std::vector<Tracker> trackers_;
  std::vector<VariablePtr> trained_;
  Tensor gradients_;
  std::vector<float*> gradient_pointers_;
};

// Compiles the model: config as above; what is absent has Keras' default (optimizer "rmsprop", no
// loss). A Sequential model may be built later.
void compile(const ModelPtr& model, const Json& config);

// The symbolic step: model, losses and metrics of one batch.
struct StepGraph {
  std::unique_ptr<Graph> graph;
  std::vector<VariablePtr> weights;  // trainable, in the optimizer's order (training)
};
// Graph inputs: the model's inputs, the targets (but those of rank 0), then the sample weights:
// none, one for all outputs, or one for each. Batch axes are kUnknown, all other extents known.
// Outputs: the loss; when training then the gradient of each trainable weight.
// The compiled part must be built, for training the optimizer, too. The graph is optimized.
StepGraph make_step(Model& model, const std::vector<Spec>& inputs, const std::vector<Spec>& targets,
                    const std::vector<Spec>& sample_weights, bool training);

}  // namespace keratin
