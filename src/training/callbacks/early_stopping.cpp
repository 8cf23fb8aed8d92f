#include "core/error.h"
#include "training/callbacks/monitor.h"

namespace keratin {

class EarlyStopping : public MonitorCallback {
 public:
  KERATIN_CLASS
  std::int64_t patience = 0;
  std::optional<double> baseline;
  bool restore_best_weights = false;
  std::int64_t start_from_epoch = 0;

  void on_train_begin() override {
    wait_ = stopped_epoch_ = best_epoch_ = 0;
    best_.reset();
    best_weights_.clear();
    kept_ = false;
  }

  void on_epoch_end(std::int64_t epoch, Logs& logs) override {
    const std::optional<double> current = monitored(logs, "training is not stopped early");
    if (!current || epoch < start_from_epoch) return;
    if (restore_best_weights && !kept_) keep(epoch);
    ++wait_;
    if (is_improvement(*current, best_)) {
      best_ = current;
      best_epoch_ = epoch;
      if (restore_best_weights) keep(epoch);
      // Better than ever, yet not than the baseline: patience runs on.
      if (!baseline || is_improvement(*current, baseline)) wait_ = 0;
      return;
    }
    if (wait_ >= patience && epoch > 0) {
      stopped_epoch_ = epoch;
      loop->stop_training = true;
    }
  }

  void on_train_end(const Logs&) override {
    if (stopped_epoch_ > 0 && verbose > 0)
      say(concat("Epoch ", stopped_epoch_ + 1, ": early stopping"));
    if (!kept_) return;
    if (verbose > 0)
      say(concat("Restoring model weights from the end of the best epoch: ", best_epoch_ + 1, "."));
    const std::vector<Weight> weights = loop->model->weights();
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i].variable->value.assign(best_weights_[i]);
    best_weights_.clear();
    kept_ = false;
  }

 private:
  void keep(std::int64_t epoch) {
    const std::vector<Weight> weights = loop->model->weights();
    best_weights_.resize(weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (kept_)
        best_weights_[i].assign(weights[i].variable->value);
      else
        best_weights_[i] = weights[i].variable->value.clone();
    best_epoch_ = epoch;
    kept_ = true;
  }

  std::int64_t wait_ = 0, stopped_epoch_ = 0, best_epoch_ = 0;
  std::optional<double> best_;
  std::vector<Tensor> best_weights_;
  bool kept_ = false;
};

const ClassInfo& EarlyStopping::describe() {
  static const ClassInfo info = [] {
    using C = EarlyStopping;
    ClassInfo c = class_info<C>(kKind, "EarlyStopping", "keras.callbacks",
                                "Ends training when a metric has stopped improving.");
    c.attributes = {
        monitor_attribute<C>(),
        min_delta_attribute<C>(),
        attribute<C>("patience", &C::patience, "Epochs without improvement that are waited for."),
        verbose_attribute<C>(),
        mode_attribute<C>(),
        attribute<C>("baseline", &C::baseline, "What is to be surpassed to count as improvement."),
        attribute<C>("restore_best_weights", &C::restore_best_weights,
                     "Whether the weights of the best epoch come back at the end."),
        attribute<C>("start_from_epoch", &C::start_from_epoch,
                     "Epochs before which nothing is watched."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(EarlyStopping);

}  // namespace keratin
