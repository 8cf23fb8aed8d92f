#include "model/usage.h"

#include "core/error.h"

namespace keratin {

Usage::Exclusive::Exclusive(Usage& usage, const std::string& model, bool training)
    : usage_(usage), training_(training) {
  std::lock_guard lock(usage.mutex_);
  const bool mine = usage.depth_ > 0 && usage.owner_ == std::this_thread::get_id();
  if ((usage.depth_ > 0 && !mine) || usage.readers_ > 0)
    fail(Code::kState, "the model '", model, "' is in use by another thread");
  if (mine && training)
    fail(Code::kState, "the model '", model, "' cannot be trained from within a callback of its ",
         usage.training_ ? "training" : "evaluation");
  usage.owner_ = std::this_thread::get_id();
  ++usage.depth_;
  if (training) usage.training_ = true;
}

Usage::Exclusive::~Exclusive() {
  std::lock_guard lock(usage_.mutex_);
  --usage_.depth_;
  if (training_) usage_.training_ = false;
}

Usage::Shared::Shared(Usage& usage, const std::string& model) : usage_(usage) {
  std::lock_guard lock(usage.mutex_);
  const bool mine = usage.depth_ > 0 && usage.owner_ == std::this_thread::get_id();
  if (usage.depth_ > 0 && !mine)
    fail(Code::kState, "the model '", model, "' is being trained or evaluated by another thread");
  ++usage.readers_;
}

Usage::Shared::~Shared() {
  std::lock_guard lock(usage_.mutex_);
  --usage_.readers_;
}

}  // namespace keratin
