// Callbacks made of functions.
#pragma once

#include <functional>

#include "training/callback.h"

namespace keratin {

// Those that are not set do nothing; batch functions make the loop compute the logs they need.
class LambdaCallback : public Callback {
 public:
  KERATIN_CLASS
  using OnBegin = std::function<void(LoopState&)>;
  using OnStep = std::function<void(LoopState&, std::int64_t)>;
  using OnLogs = std::function<void(LoopState&, const Logs&)>;
  using OnStepLogs = std::function<void(LoopState&, std::int64_t, const Logs&)>;

  OnBegin train_begin, test_begin, predict_begin, predict_end;
  OnLogs train_end, test_end;
  OnStep epoch_begin, train_batch_begin, test_batch_begin, predict_batch_begin, predict_batch_end;
  std::function<void(LoopState&, std::int64_t, Logs&)> epoch_end;  // may add entries
  OnStepLogs train_batch_end, test_batch_end;

  void on_train_begin() override { call(train_begin); }
  void on_train_end(const Logs& logs) override { call(train_end, logs); }
  void on_epoch_begin(std::int64_t epoch) override { call(epoch_begin, epoch); }
  void on_epoch_end(std::int64_t epoch, Logs& logs) override { call(epoch_end, epoch, logs); }
  void on_train_batch_begin(std::int64_t step) override { call(train_batch_begin, step); }
  void on_train_batch_end(std::int64_t step, const Logs& logs) override {
    call(train_batch_end, step, logs);
  }
  void on_test_begin() override { call(test_begin); }
  void on_test_end(const Logs& logs) override { call(test_end, logs); }
  void on_test_batch_begin(std::int64_t step) override { call(test_batch_begin, step); }
  void on_test_batch_end(std::int64_t step, const Logs& logs) override {
    call(test_batch_end, step, logs);
  }
  void on_predict_begin() override { call(predict_begin); }
  void on_predict_end() override { call(predict_end); }
  void on_predict_batch_begin(std::int64_t step) override { call(predict_batch_begin, step); }
  void on_predict_batch_end(std::int64_t step) override { call(predict_batch_end, step); }
  bool wants_batches() const override {
    return train_batch_begin || train_batch_end || test_batch_begin || test_batch_end ||
           predict_batch_begin || predict_batch_end;
  }

 private:
  template <class Fn, class... Args>
  void call(const Fn& fn, Args&... args) {
    if (fn) fn(*loop, args...);
  }
};

// Sets the learning rate at the begin of each epoch: schedule(epoch, present rate).
class LearningRateScheduler : public Callback {
 public:
  KERATIN_CLASS
  std::function<double(std::int64_t, double)> schedule;
  std::int64_t verbose = 0;

  void on_epoch_begin(std::int64_t epoch) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
};

}  // namespace keratin
