// Callbacks: what happens between the steps of fit, evaluate and predict.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/registry.h"
#include "model/model.h"
#include "training/feed.h"
#include "training/model_files.h"

namespace keratin {

// Names and present values, in Keras' order. A metric with several values shows as several numbers.
using Logs = std::vector<std::pair<std::string, std::vector<double>>>;
const double* find_log(const Logs& logs,
                       const std::string& key);  // its first value; NULL if absent

// Where a training goes on that was interrupted.
struct Resume {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;  // that comes next in the epoch
  Feed::Place place;       // of the data; pass 0: as a new training
  std::vector<Tensor>
      metrics;  // state of losses and metrics (Compiled::metric_state) where batch > 0
};

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
  const ModelFiles* files = nullptr;  // NULL where the loop's starter gave none
  const Feed* feed = nullptr;         // of fit
  std::optional<Resume> resume;       // set in on_train_begin: where fit goes on
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
  // Whether it changes weights while predicting, which then excludes other predictions.
  virtual bool changes_weights() const { return false; }
  virtual std::int64_t next_batch(std::int64_t step) const {
    return wants_batches() ? step : kNever;
  }
};
using CallbackPtr = std::shared_ptr<Callback>;

}  // namespace keratin
