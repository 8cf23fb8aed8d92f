// Workspaces between two predictions, so that the next one of the same plan allocates nothing.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "graph/plan.h"

namespace keratin {

class WorkspacePool {
 public:
  // One of that plan, new where none is at rest. Any thread.
  std::unique_ptr<Workspace> take(const std::shared_ptr<const Plan>& plan);
  void give(std::unique_ptr<Workspace> workspace);
  void clear();

 private:
  static constexpr std::size_t kMost = 32;  // the longest at rest goes first
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> at_rest_;
};

}  // namespace keratin
