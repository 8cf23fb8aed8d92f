// The callbacks of one running loop, called in their order.
#pragma once

#include <vector>

#include "training/callback.h"

namespace keratin {

class CallbackList {
 public:
  // The callbacks see `state` until the list goes; then what they saw before.
  CallbackList(std::vector<CallbackPtr> callbacks, LoopState& state);
  ~CallbackList();
  CallbackList(const CallbackList&) = delete;

  LoopState& state() { return state_; }
  template <class Fn>
  void each(Fn&& fn) {
    for (const CallbackPtr& callback : callbacks_) fn(*callback);
  }

  // Which steps anybody wants to hear of. begin_batches() before the first step of an epoch or
  // pass.
  void begin_batches(std::int64_t first = 0) { find_next(first); }
  bool any_wants_batches() const { return wants_batches_; }
  bool heard(std::int64_t step) const { return step >= next_; }
  // For a step that is heard: calls those who want it.
  template <class Fn>
  void each_hearing(std::int64_t step, Fn&& fn) {
    for (std::size_t i = 0; i < callbacks_.size(); ++i)
      if (next_of_[i] <= step) fn(*callbacks_[i]);
    find_next(step + 1);
  }
  template <class Fn>
  void each_wanting(Fn&& fn) {
    for (const CallbackPtr& callback : callbacks_)
      if (callback->wants_batches()) fn(*callback);
  }

 private:
  void find_next(std::int64_t step);

  std::vector<CallbackPtr> callbacks_;
  LoopState& state_;
  std::vector<LoopState*> before_;
  bool wants_batches_ = false;
  std::vector<std::int64_t> next_of_;  // of each callback
  std::int64_t next_ = Callback::kNever;
};

// Keras passes logs to callbacks sorted by key.
void sort_logs(Logs& logs);

}  // namespace keratin
