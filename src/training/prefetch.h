// Batches taken ahead of their use, on a thread of their own: what a source does (reading,
// decoding) then goes on beside training.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "training/data.h"

namespace keratin {

// The batches of a source, in its order. The source is called by one thread at a time, and what it
// throws comes out of next() after the batches before it.
class Prefetch : public BatchSource {
 public:
  // At most `depth` (1 or more) batches wait. `restarts`: whether the source begins anew with each
  // restart, so that what waits then is dropped; else it goes on, and nothing is lost.
  Prefetch(BatchSource& source, std::int64_t depth, bool restarts);
  ~Prefetch() override;  // waits until the source returns from the call it is in
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  bool next(Dataset& batch) override;
  void restart() override;

 private:
  void work();
  bool may_work() const { return restarting_ || (!over_ && ready_.size() < depth_); }

  BatchSource& source_;
  const std::size_t depth_;
  const bool restarts_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Dataset> ready_;
  std::exception_ptr error_;  // to be thrown when `ready_` is empty
  bool over_ = false;         // the source has ended, or thrown
  bool restarting_ = false;   // the source is to be restarted before it is asked again
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace keratin
