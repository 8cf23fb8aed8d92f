// Keras' loops over a compiled model: fit, evaluate, predict and their one-batch forms.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "training/callback.h"
#include "training/data.h"
#include "training/history.h"

namespace keratin {

struct FitOptions {
  std::int64_t batch_size = 0;  // 0: 32, or rows / steps_per_epoch where that is given
  std::int64_t epochs = 1;
  std::int64_t initial_epoch = 0;
  int verbose = 0;              // 0 silent, 1 progress bar, 2 a line an epoch; text goes to `print`
  double validation_split = 0;  // the last rows, taken before shuffling
  std::optional<Dataset> validation_data;
  std::int64_t validation_batch_size = 0;  // 0: batch_size
  std::int64_t validation_steps = 0;       // 0: all
  std::int64_t validation_freq = 1;
  bool shuffle = true;               // anew in each epoch, from the global seed
  std::int64_t steps_per_epoch = 0;  // 0: all batches; else the next epoch goes on where this ended
  // Class index -> weight, for each output (empty: none). By output name in the ABI and bindings.
  ClassWeights class_weight;
  std::vector<CallbackPtr> callbacks;
  std::function<void(const std::string&)> print;
  const ModelFiles* files = nullptr;  // for callbacks that write models; NULL: there are none
};

struct EvaluateOptions {
  std::int64_t batch_size = 0;  // 0: 32, or rows / steps where that is given
  std::int64_t steps = 0;       // 0: all
  int verbose = 0;
  std::vector<CallbackPtr> callbacks;
  std::function<void(const std::string&)> print;
};

struct PredictOptions {
  std::int64_t batch_size = 0;  // 0: 32
  int verbose = 0;
  std::vector<CallbackPtr> callbacks;
  std::function<void(const std::string&)> print;
};

// All throw kState if the model is not compiled (but for predict) or in use by another thread;
// kInvalidArgument naming the input or output and the shapes expected and given. Whatever a
// callback throws comes through, and leaves the model usable.
//
// From within a callback, evaluate and predict may be called on the same model, training not.
History fit(const ModelPtr& model, const Dataset& data, const FitOptions& options);
History fit(const ModelPtr& model, BatchSource& data, const FitOptions& options);

// Sorted by key, as Keras' return_dict.
Logs evaluate(const ModelPtr& model, const Dataset& data, const EvaluateOptions& options);
Logs evaluate(const ModelPtr& model, BatchSource& data, const EvaluateOptions& options);
// The same values in the order of the list that Keras' evaluate returns: loss first.
Logs in_list_order(const Model& model, const Logs& logs);

// One step on this batch. Logs of this batch alone.
Logs train_on_batch(const ModelPtr& model, const Dataset& batch,
                    const ClassWeights& class_weight = {});
Logs test_on_batch(const ModelPtr& model, const Dataset& batch);

// One tensor for each output. Any number of threads at once on one model, while nobody trains it.
std::vector<Tensor> predict(const ModelPtr& model, const std::vector<Tensor>& x,
                            const PredictOptions& options = {});
inline std::vector<Tensor> predict(const ModelPtr& model, const std::vector<Tensor>& x,
                                   std::int64_t batch_size) {
  PredictOptions options;
  options.batch_size = batch_size;
  return predict(model, x, options);
}
std::vector<Tensor> predict_on_batch(const ModelPtr& model, const std::vector<Tensor>& x);

}  // namespace keratin
