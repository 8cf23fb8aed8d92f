#include "training/callback_list.h"

#include <algorithm>

#include "core/error.h"

namespace keratin {

CallbackList::CallbackList(std::vector<CallbackPtr> callbacks, LoopState& state)
    : callbacks_(std::move(callbacks)), state_(state), next_of_(callbacks_.size(), 0) {
  for (const CallbackPtr& callback : callbacks_) require(callback != nullptr, "a callback is NULL");
  for (const CallbackPtr& callback : callbacks_) {
    before_.push_back(callback->loop);
    callback->loop = &state_;
    wants_batches_ = wants_batches_ || callback->wants_batches();
  }
}

CallbackList::~CallbackList() {
  for (std::size_t i = callbacks_.size(); i-- > 0;) callbacks_[i]->loop = before_[i];
}

void CallbackList::find_next(std::int64_t step) {
  next_ = Callback::kNever;
  for (std::size_t i = 0; i < callbacks_.size(); ++i) {
    next_of_[i] = callbacks_[i]->next_batch(step);
    next_ = std::min(next_, next_of_[i]);
  }
}

const double* find_log(const Logs& logs, const std::string& key) {
  for (const auto& [name, values] : logs)
    if (name == key) return values.empty() ? nullptr : values.data();
  return nullptr;
}

void sort_logs(Logs& logs) {
  std::stable_sort(logs.begin(), logs.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

}  // namespace keratin
