// Steps of training and evaluation, ready to run: one graph for each form of the data, of it one
// plan for each batch size.
#pragma once

#include <memory>
#include <vector>

#include "model/compile.h"
#include "training/feed.h"

namespace keratin {

class Step {
 public:
  Step(Model& model, const Prepared& data, bool training);
  bool is_for(const Prepared& data, bool training) const;

  // Runs the feed's present batch of that many rows: metrics move, and when training the weights.
  void run(Feed& feed, std::int64_t rows);

 private:
  struct Bound {
    std::int64_t rows;
    std::int64_t last_use;
    std::unique_ptr<Workspace> workspace;
  };
  Workspace& workspace(std::int64_t rows);

  Compiled& compiled_;
  bool training_;
  std::vector<Spec> inputs_, targets_, weights_;
  StepGraph graph_;
  std::vector<Bound> plans_;
  std::size_t present_ = 0;  // the plan used last
  std::int64_t uses_ = 0;
};

// The step for such data, made where needed; losses, metrics and (to train) the optimizer's state
// are built with it. Of use as long as the model is not compiled again.
std::shared_ptr<Step> step_for(Model& model, const Prepared& data, bool training);

}  // namespace keratin
