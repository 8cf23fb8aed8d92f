// What the loops share.
#pragma once

#include "training/callback_list.h"
#include "training/steps.h"
#include "training/trainer.h"

namespace keratin {

// Throws kState unless the model is compiled; `method` is what was called.
void check_compiled(const ModelPtr& model, const char* method);
void check_not_negative(const char* name, std::int64_t value);

// Keras' rule: what is asked for, else rows / steps, else 32.
std::int64_t choose_batch_size(std::int64_t asked, std::int64_t rows, std::int64_t steps);

// The given callbacks, and a progress bar where `verbose` asks for one and none is given.
std::vector<CallbackPtr> with_progress(std::vector<CallbackPtr> callbacks, int verbose);

// Runs batches through their step, which it looks up once if the feed's batches are of one form.
class Runner {
 public:
  Runner(Model& model, Feed& feed, bool training)
      : model_(model), feed_(feed), training_(training) {}
  void run(std::int64_t rows) {
    if (!step_ || (feed_.varies() && !step_->is_for(feed_.data(), training_)))
      step_ = step_for(model_, feed_.data(), training_);
    step_->run(feed_, rows);
  }

 private:
  Model& model_;
  Feed& feed_;
  bool training_;
  std::shared_ptr<Step> step_;
};

// One pass of evaluation over the feed, from its beginning; at most so many steps, 0 for all.
Logs evaluate_feed(Model& model, Feed& feed, std::int64_t steps, CallbackList& callbacks);

}  // namespace keratin
