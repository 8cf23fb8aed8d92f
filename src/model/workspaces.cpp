#include "model/workspaces.h"

namespace keratin {

std::unique_ptr<Workspace> WorkspacePool::take(const std::shared_ptr<const Plan>& plan) {
  {
    std::lock_guard lock(mutex_);
    for (auto place = at_rest_.rbegin(); place != at_rest_.rend(); ++place)
      if (&(*place)->plan() == plan.get()) {
        std::unique_ptr<Workspace> workspace = std::move(*place);
        at_rest_.erase(std::next(place).base());
        return workspace;
      }
  }
  return std::make_unique<Workspace>(plan);
}

void WorkspacePool::give(std::unique_ptr<Workspace> workspace) {
  std::unique_ptr<Workspace> oldest;  // freed after the lock
  std::lock_guard lock(mutex_);
  if (at_rest_.size() >= kMost) {
    oldest = std::move(at_rest_.front());
    at_rest_.erase(at_rest_.begin());
  }
  at_rest_.push_back(std::move(workspace));
}

void WorkspacePool::clear() {
  std::lock_guard lock(mutex_);
  at_rest_.clear();
}

}  // namespace keratin
