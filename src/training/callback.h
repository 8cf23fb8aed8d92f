// Callbacks: what happens between the steps of fit, evaluate and predict.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/registry.h"
#include "model/model.h"

namespace keratin {

// Names and present values, in Keras' order. A metric with several values shows as several numbers.
using Logs = std::vector<std::pair<std::string, std::vector<double>>>;
const double* find_log(const Logs& logs,
                       const std::string& key);  // its first value; NULL if absent

// What a callback sees of the loop it runs in.
struct LoopState {
  ModelPtr model;
  std::int64_t epochs = 1;
  std::int64_t steps = 0;  // per epoch; 0 if not known
  int verbose = 0;         // 0 silent, 1 progress bar, 2 a line an epoch
  bool stop_training =
      false;  // set by a callback to end fit after this epoch (or batch, in on_train_batch_end)
  // Where text goes (progress, "restoring weights ..."): NULL for nowhere. The library itself never
  // prints.
  std::function<void(const std::string&)> print;
  // Writes the model (or its weights alone) to a file; given by whoever starts the loop, for src/io
  // is above us.
  std::function<void(Model&, const std::string& path, bool weights_only)> save;
};

class Callback : public Object {
 public:
  static constexpr const char* kKind = "callbacks";
  LoopState* loop = nullptr;  // set while a loop runs

  virtual void on_train_begin() {}
  virtual void on_train_end(const Logs&) {}
  virtual void on_epoch_begin(std::int64_t /*epoch*/) {}
  virtual void on_epoch_end(std::int64_t /*epoch*/, Logs& /*logs*/) {
  }  // may add entries, as ReduceLROnPlateau does
  virtual void on_train_batch_begin(std::int64_t /*step*/) {}
  virtual void on_train_batch_end(std::int64_t /*step*/, const Logs&) {}
  virtual void on_test_begin() {}
  virtual void on_test_end(const Logs&) {}
  virtual void on_test_batch_begin(std::int64_t /*step*/) {}
  virtual void on_test_batch_end(std::int64_t /*step*/, const Logs&) {}
  virtual void on_predict_begin() {}
  virtual void on_predict_end() {}
  virtual void on_predict_batch_begin(std::int64_t /*step*/) {}
  virtual void on_predict_batch_end(std::int64_t /*step*/) {}
  // False lets the loop skip the batch calls and the logs they need (a cost on small models).
  virtual bool wants_batches() const { return false; }
  // The first step from `step` on whose end it wants to hear of: a progress bar need not hear of
  // all. Asked at the begin of each epoch and after each call that it wanted.
  static constexpr std::int64_t kNever = INT64_MAX;
  virtual std::int64_t next_batch(std::int64_t step) const {
    return wants_batches() ? step : kNever;
  }
};
using CallbackPtr = std::shared_ptr<Callback>;

}  // namespace keratin
