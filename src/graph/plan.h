// A plan: a graph made ready to run for one batch size. Values that nobody needs are dropped, ops
// are fused, results are laid out in one arena by their lifetimes, and what is left is a flat list
// of calls. Running a plan allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/op.h"

namespace keratin {

class Plan;

// Rewrites the graph: fuses bias and activation into products and chains of elementwise ops into
// one pass. Done once for a graph, before plans are made of it.
void optimize(Graph& graph);

// The memory of one run at a time. Several workspaces of one plan may run at once in different
// threads.
class Workspace {
 public:
  explicit Workspace(std::shared_ptr<const Plan> plan);

  // The elements of the i-th graph input for the next runs: contiguous, of the bound shape; not
  // copied.
  void set_input(int i, const void* data);
  // Where the i-th graph output is to be written by the next runs, instead of the workspace's own
  // memory; NULL takes it back to that. The kernel that makes it writes there directly where it
  // can.
  void set_output(int i, void* data);
  void run();
  // The i-th graph output of the last run; valid until the next.
  const void* output(int i) const;
  const Plan& plan() const { return *plan_; }
  const std::shared_ptr<const Plan>& shared_plan() const { return plan_; }

 private:
  void point(int buffer, const void* memory);

  std::shared_ptr<const Plan> plan_;
  Tensor arena_;
  std::vector<const void*> memory_;  // of each buffer
  std::vector<const void*> in_;      // operands of all steps, one after another
  std::vector<void*> out_;
  std::vector<Buffers> calls_;     // one a step
  std::vector<void*> redirected_;  // one an output: where it is to go, NULL: stays
};

class Plan {
 public:
  // What the plan makes of the graph's variables.
  enum class Variables {
    kShared,  // read and assigned where they are
    kFrozen,  // constants, copied now; none may be assigned
  };
  static constexpr std::size_t kAll = static_cast<std::size_t>(-1);
  // Binds the unknown batch axis of every input to `batch`. The graph may go afterwards. Of the
  // outputs the first `own_outputs` have memory in the workspace; set_output() must give it to the
  // others before they are run.
  Plan(const Graph& graph, std::int64_t batch, Variables variables = Variables::kShared,
       std::size_t own_outputs = kAll);
  ~Plan();

  const Spec& input_spec(int i) const;
  const Spec& output_spec(int i) const;
  std::size_t input_count() const;
  std::size_t output_count() const;
  std::size_t arena_bytes() const;
  // Of the results that are needed at once at the step where they are most: no arena is smaller.
  std::size_t live_bytes() const;
  std::size_t step_count() const;
  std::string describe() const;  // a line a step, for people

  struct Impl;  // plan_impl.h

 private:
  friend class Workspace;
  std::unique_ptr<Impl> impl_;
};

}  // namespace keratin
