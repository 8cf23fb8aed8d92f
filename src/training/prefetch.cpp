#include "training/prefetch.h"

#include <csignal>
#include <utility>

#include "core/error.h"

namespace keratin {

Prefetch::Prefetch(BatchSource& source, std::int64_t depth, bool restarts)
    : source_(source), depth_(static_cast<std::size_t>(depth)), restarts_(restarts), over_(true) {
  require(depth >= 1, "prefetch: expected 1 or more, got ", depth);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are the host's threads' matter
  try {
    thread_ = std::thread([this] { work(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Prefetch::~Prefetch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

// Nothing is asked of the source before the first restart.
void Prefetch::restart() {
  {
    const std::lock_guard lock(mutex_);
    if (restarts_) ready_.clear();
    restarting_ = restarts_ || over_;
  }
  changed_.notify_all();
}

bool Prefetch::next(Dataset& batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || (over_ && !restarting_); });
  if (!ready_.empty()) {
    batch = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return true;
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return false;
}

void Prefetch::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || may_work(); });
    if (stopping_) return;
    const bool restart = std::exchange(restarting_, false);
    if (restart) {
      over_ = false;
      error_ = nullptr;
    }
    lock.unlock();
    Dataset batch;
    bool got = false;
    std::exception_ptr error;
    try {
      if (restart) source_.restart();
      got = source_.next(batch);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    // A restart that came in between drops the batch, too, but not where the source only goes on.
    if (restarting_ && restarts_) continue;
    if (got)
      ready_.push_back(std::move(batch));
    else
      over_ = true;
    if (error) error_ = error;
    changed_.notify_all();
  }
}

}  // namespace keratin
