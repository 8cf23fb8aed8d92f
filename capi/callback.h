// What stands behind a kt_callback.
#pragma once

#include <mutex>
#include <thread>
#include <vector>

#include "capi/border.h"
#include "training/callback.h"

struct kt_callback {
  keratin::CallbackPtr callback;

  std::mutex mutex;
  std::thread::id user;  // meaningful while uses > 0
  int uses = 0;          // of loops in that thread
};

namespace keratin::capi {

// The callbacks of one loop, which no other thread may use until this goes.
class CallbackUses {
 public:
  // Throws kState for one that another thread uses.
  CallbackUses(kt_callback* const* callbacks, std::size_t count);
  ~CallbackUses();
  CallbackUses(const CallbackUses&) = delete;

  std::vector<CallbackPtr> callbacks() const;

 private:
  void end();
  std::vector<kt_callback*> used_;
};

}  // namespace keratin::capi
