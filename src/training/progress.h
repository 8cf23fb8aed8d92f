// Keras' progress bar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "training/callback.h"

namespace keratin {

// The bar of one epoch, as text; times are seconds of any clock.
class Progbar {
 public:
  // target: steps expected, 0 if not known. verbose: 1 a bar that is drawn over itself, 2 one line
  // at the end.
  Progbar(std::int64_t target, int verbose, double now)
      : target_(target), verbose_(verbose), start_(now) {}

  void set_target(std::int64_t target) { target_ = target; }

  // After `current` steps; what is to be shown, empty where nothing is (it is too soon, or verbose
  // is 2 and this not the end).
  std::string update(std::int64_t current, const Logs& logs, bool final, double now);

  static constexpr double kInterval = 0.05;  // seconds between two drawings

 private:
  std::string bar(std::int64_t current, const Logs& logs, bool final, double now,
                  double seconds_a_step);

  std::int64_t target_;
  int verbose_;
  double start_;
  Logs shown_;  // a value stays until there is a newer one
  std::optional<double> last_update_, after_first_step_;
  std::size_t width_ = 0;  // of what was drawn last, in columns
};

// Draws a bar through LoopState::print. It hears of as few steps as the drawing needs.
class ProgbarLogger : public Callback {
 public:
  KERATIN_CLASS
  void on_train_begin() override;
  void on_epoch_begin(std::int64_t epoch) override;
  void on_train_batch_end(std::int64_t step, const Logs& logs) override { heard(step, logs); }
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_end(const Logs&) override { in_fit_ = false; }
  void on_test_begin() override;
  void on_test_batch_end(std::int64_t step, const Logs& logs) override { heard(step, logs); }
  void on_test_end(const Logs& logs) override;
  void on_predict_begin() override { begin(); }
  void on_predict_batch_end(std::int64_t step) override { heard(step, {}); }
  void on_predict_end() override { end({}); }
  std::int64_t next_batch(std::int64_t step) const override;

 private:
  void begin();
  void heard(std::int64_t step, const Logs& logs);
  void end(const Logs& logs);
  void print(const std::string& text) const;

  std::optional<Progbar> bar_;
  std::int64_t target_ = 0, seen_ = 0;
  std::int64_t next_ = 0, stride_ = 1;
  double last_heard_ = 0;
  bool in_fit_ = false, validating_ = false;
};

}  // namespace keratin
