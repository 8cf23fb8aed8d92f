#include "training/callbacks/lambda_callback.h"

#include "core/error.h"
#include "model/compile.h"
#include "training/callbacks/text.h"

namespace keratin {

const ClassInfo& LambdaCallback::describe() {
  static const ClassInfo info =
      class_info<LambdaCallback>(kKind, "LambdaCallback", "keras.callbacks",
                                 "Calls functions of the host program; they are set in code.");
  return info;
}
KERATIN_REGISTER(LambdaCallback);

const ClassInfo& LearningRateScheduler::describe() {
  static const ClassInfo info = [] {
    using C = LearningRateScheduler;
    ClassInfo c = class_info<C>(kKind, "LearningRateScheduler", "keras.callbacks",
                                "Sets the learning rate of each epoch by a function that is set in "
                                "code.");
    c.attributes = {attribute<C>("verbose", &C::verbose, "1: say what is done.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(LearningRateScheduler);

void LearningRateScheduler::on_epoch_begin(std::int64_t epoch) {
  if (!schedule) fail(Code::kState, "LearningRateScheduler: no schedule was set");
  Optimizer& optimizer = *loop->model->compiled->optimizer;
  const double rate = schedule(epoch, optimizer.current_learning_rate());
  optimizer.set_learning_rate(rate);
  if (verbose > 0 && loop->print)
    loop->print(concat("\nEpoch ", epoch + 1, ": LearningRateScheduler setting learning rate to ",
                       number_text(rate), ".\n"));
}

void LearningRateScheduler::on_epoch_end(std::int64_t, Logs& logs) {
  set_log(logs, "learning_rate", loop->model->compiled->optimizer->current_learning_rate());
}

}  // namespace keratin
