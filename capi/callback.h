// What stands behind a kt_callback.
#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "capi/border.h"
#include "training/callback.h"

namespace keratin::capi {

// A callback and who uses it. Loops share it with its handle, which may go while they run.
struct UsedCallback {
  CallbackPtr callback;

  std::mutex mutex;
  std::thread::id user;  // meaningful while uses > 0
  int uses = 0;          // of loops in that thread
};

}  // namespace keratin::capi

struct kt_callback {
  std::shared_ptr<keratin::capi::UsedCallback> used =
      std::make_shared<keratin::capi::UsedCallback>();
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
  std::vector<std::shared_ptr<UsedCallback>> used_;
};

}  // namespace keratin::capi
