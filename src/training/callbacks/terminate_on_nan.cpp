#include <cmath>

#include "core/error.h"
#include "training/callback.h"

namespace keratin {

class TerminateOnNaN : public Callback {
 public:
  KERATIN_CLASS
  bool raise_error = false;

  void on_train_batch_end(std::int64_t step, const Logs& logs) override {
    const double* loss = find_log(logs, "loss");
    if (!loss || std::isfinite(*loss)) return;
    if (raise_error)
      fail(Code::kCallback, "TerminateOnNaN: the loss of batch ", step, " is ", *loss);
    if (loop->print) loop->print(concat("Batch ", step, ": Invalid loss, terminating training\n"));
    loop->stop_training = true;
  }
  bool wants_batches() const override { return true; }
};

const ClassInfo& TerminateOnNaN::describe() {
  static const ClassInfo info = [] {
    using C = TerminateOnNaN;
    ClassInfo c = class_info<C>(kKind, "TerminateOnNaN", "keras.callbacks",
                                "Ends training when the loss is not finite.");
    c.attributes = {attribute<C>("raise_error", &C::raise_error,
                                 "Whether that is an error instead of an early end.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(TerminateOnNaN);

}  // namespace keratin
