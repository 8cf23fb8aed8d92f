#include <algorithm>

#include "core/error.h"
#include "model/compile.h"
#include "training/callbacks/monitor.h"
#include "training/callbacks/text.h"

namespace keratin {

class ReduceLROnPlateau : public MonitorCallback {
 public:
  KERATIN_CLASS
  double factor = 0.1;
  std::int64_t patience = 10;
  std::int64_t cooldown = 0;
  double min_lr = 0;

  ReduceLROnPlateau() { min_delta = 1e-4; }

  void configured() override {
    require(factor < 1, "ReduceLROnPlateau.factor: expected a number below 1, got ", factor);
  }

  void on_train_begin() override {
    best_.reset();
    cooling_ = wait_ = 0;
  }

  void on_epoch_end(std::int64_t epoch, Logs& logs) override {
    Optimizer& optimizer = *loop->model->compiled->optimizer;
    const double rate = optimizer.current_learning_rate();
    set_log(logs, "learning_rate", rate);
    const std::optional<double> current = monitored(logs, "the learning rate is not reduced");
    if (!current) return;
    if (cooling_ > 0) {
      --cooling_;
      wait_ = 0;
    }
    if (is_improvement(*current, best_)) {
      best_ = current;
      wait_ = 0;
      return;
    }
    if (cooling_ > 0 || ++wait_ < patience || rate <= double(float(min_lr))) return;
    const double reduced = std::max(rate * factor, min_lr);
    optimizer.set_learning_rate(reduced);
    if (verbose > 0)
      say(concat("\nEpoch ", epoch + 1, ": ReduceLROnPlateau reducing learning rate to ",
                 number_text(reduced), "."));
    cooling_ = cooldown;
    wait_ = 0;
  }

 private:
  std::optional<double> best_;
  std::int64_t cooling_ = 0, wait_ = 0;
};

const ClassInfo& ReduceLROnPlateau::describe() {
  static const ClassInfo info = [] {
    using C = ReduceLROnPlateau;
    ClassInfo c = class_info<C>(kKind, "ReduceLROnPlateau", "keras.callbacks",
                                "Lowers the learning rate when a metric has stopped improving.");
    c.attributes = {
        monitor_attribute<C>(),
        attribute<C>("factor", &C::factor, "By which the rate is multiplied; below 1."),
        attribute<C>("patience", &C::patience, "Epochs without improvement that are waited for."),
        verbose_attribute<C>(),
        mode_attribute<C>(),
        min_delta_attribute<C>(),
        attribute<C>("cooldown", &C::cooldown, "Epochs after a reduction in which none follows."),
        attribute<C>("min_lr", &C::min_lr, "The rate does not go below it."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ReduceLROnPlateau);

}  // namespace keratin
