// Keras' loops over a compiled model: fit, evaluate, predict and their one-batch forms.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "training/callback.h"
#include "training/data.h"

namespace keratin {

struct FitOptions {
  std::int64_t batch_size = 32;
  std::int64_t epochs = 1;
  std::int64_t initial_epoch = 0;
  int verbose = 0;
  double validation_split = 0;
  std::optional<Dataset> validation_data;
  std::int64_t validation_batch_size = 0;   // 0: batch_size
  std::int64_t validation_steps = 0;        // 0: all
  std::int64_t validation_freq = 1;
  bool shuffle = true;
  std::int64_t steps_per_epoch = 0;         // 0: all batches
  // Class index -> weight, for each output (empty: none). By output name in the ABI and bindings.
  std::vector<std::map<std::int64_t, double>> class_weight;
  std::vector<CallbackPtr> callbacks;
  std::function<void(const std::string&)> print;
  std::function<void(Model&, const std::string& path, bool weights_only)> save;
};

// History: for each key in Keras' order, one value (or several) an epoch.
struct History {
  std::vector<std::int64_t> epochs;
  std::vector<std::pair<std::string, std::vector<std::vector<double>>>> values;
};

struct EvaluateOptions {
  std::int64_t batch_size = 32;
  std::int64_t steps = 0;
  int verbose = 0;
  std::vector<CallbackPtr> callbacks;
  std::function<void(const std::string&)> print;
};

// Throw kState if the model is not compiled (evaluate, fit) or in use by another thread; kInvalidArgument naming
// the input or output and the shapes expected and given.
History fit(const ModelPtr& model, const Dataset& data, const FitOptions& options);
History fit(const ModelPtr& model, BatchSource& data, const FitOptions& options);
Logs evaluate(const ModelPtr& model, const Dataset& data, const EvaluateOptions& options);
Logs train_on_batch(const ModelPtr& model, const Dataset& batch,
                    const std::vector<std::map<std::int64_t, double>>& class_weight = {});
Logs test_on_batch(const ModelPtr& model, const Dataset& batch);

// One tensor for each output. Any number of threads at once on one model, while nobody trains it.
std::vector<Tensor> predict(const ModelPtr& model, const std::vector<Tensor>& x, std::int64_t batch_size = 32);

}  // namespace keratin
