// Models: layers connected into a graph, between inputs and outputs. A model is a layer, so models
// nest.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/plan.h"
#include "model/symbolic.h"
#include "model/usage.h"
#include "model/workspaces.h"

namespace keratin {

class Compiled;
class Model;
using ModelPtr = std::shared_ptr<Model>;

class Model : public Layer {
 public:
  ~Model() override;

  // A functional model. Throws kInvalidArgument if an output does not depend on the inputs alone.
  static ModelPtr functional(std::vector<KerasTensor> inputs, std::vector<KerasTensor> outputs,
                             std::string name = {});
  // A chain. The first layer may be an InputLayer; without one the model is built by build_for().
  static ModelPtr sequential(std::vector<LayerPtr> layers, std::string name = {});
  void add(LayerPtr layer);  // to a Sequential model that is not compiled yet
  bool is_sequential() const { return sequential_; }

  // Builds a Sequential model without an Input for inputs of this shape (batch axis included,
  // kUnknown or any).
  void build_for(const Spec& input);

  // Layers in Keras' order; a Sequential's InputLayer is not among them.
  const std::vector<LayerPtr>& layers() const { return layers_; }
  LayerPtr get_layer(const std::string& layer_name) const;  // throws kNotFound listing the names

  // All throw kState where the model is not built.
  std::vector<Spec> input_specs() const;  // batch axis kUnknown
  std::vector<Spec> output_specs() const;
  std::vector<std::string> input_names() const;   // of the input layers
  std::vector<std::string> output_names() const;  // of the layers that make the outputs
  std::int64_t count_params() const;

  // Layer
  const ClassInfo& info() const override;
  std::pair<int, int> input_count() const override;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;
  bool supports_masking() const override { return true; }
  // The outputs carry what the layers inside gave them.
  Value compute_mask(CallContext&, std::span<const Value>) const override { return {}; }
  std::vector<std::pair<std::string, LayerPtr>> children() const override;
  void build(std::span<const Shape> inputs) override;
  Json build_config() const override;

  // Keras' config (the inner "config" object) and serialized form ({"module", "class_name",
  // "config", ...}), without compile_config; and back, layers made through the registry. Errors
  // name the layer.
  Json config() const;
  Json to_json() const;
  static ModelPtr from_json(const Json& json);

  // Keras' summary() as a table, width in columns.
  std::string summary(int width = 80) const;

  // FNV-1a (64 bit) over dtype, shape and elements of all weights, in order.
  std::uint64_t weights_hash() const;

  // The plan that predicts with this batch size, for inputs whose other extents are all known (none
  // given: input_specs() has no unknown ones); made once, any thread.
  std::shared_ptr<const Plan> predict_plan(std::int64_t batch, std::vector<Spec> inputs = {});
  // A plan over a copy of the weights as they are now; made anew each time.
  std::shared_ptr<const Plan> frozen_plan(std::int64_t batch, std::vector<Spec> inputs);
  // How many rows of a batch are best computed at a time (a divisor of `batch`): all, or so few
  // that what lies between the layers stays in a processor's cache, where the model's ops treat
  // each row by itself. Follows from model and batch alone.
  std::int64_t rows_at_a_time(std::int64_t batch, std::vector<Spec> inputs = {});
  // Forgets the plans: after weights were moved or `trainable` was changed.
  void forget_plans();

  // Who trains or predicts with it at the moment.
  Usage usage;
  WorkspacePool workspaces;  // of its predictions

  // Set by compile() (model/compile.h), NULL before.
  std::shared_ptr<Compiled> compiled;

  const std::vector<KerasTensor>& input_tensors() const { return inputs_; }
  const std::vector<KerasTensor>& output_tensors() const { return outputs_; }
  // Calls in topological order, input calls first.
  const std::vector<std::shared_ptr<CallNode>>& nodes() const { return nodes_; }

 private:
  Model(bool sequential, std::string name);
  void connect(std::vector<KerasTensor> inputs, std::vector<KerasTensor> outputs);
  void chain();                    // connects a Sequential
  const Model& connected() const;  // throws kState where it is not built
  friend ModelPtr model_from_config(const ClassInfo& info, const Json& config);

  bool sequential_ = false;
  LayerPtr input_layer_;  // of a Sequential, where known
  std::vector<LayerPtr> layers_;
  std::vector<KerasTensor> inputs_, outputs_;
  std::vector<std::shared_ptr<CallNode>> nodes_;
  struct Plans;
  std::unique_ptr<Plans> plans_;
};

}  // namespace keratin
