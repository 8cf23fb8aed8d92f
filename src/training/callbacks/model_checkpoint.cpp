#include <filesystem>

#include "core/error.h"
#include "training/callbacks/monitor.h"
#include "training/callbacks/save_freq.h"
#include "training/callbacks/text.h"

namespace keratin {

class ModelCheckpoint : public MonitorCallback {
 public:
  KERATIN_CLASS
  std::string filepath;
  bool save_best_only = false;
  bool save_weights_only = false;
  Json save_freq = "epoch";
  std::optional<double> initial_value_threshold;

  void configured() override {
    freq_.configure("ModelCheckpoint", save_freq);
    if (save_weights_only)
      require(filepath.ends_with(".weights.h5"),
              "ModelCheckpoint.filepath: expected a name ending in .weights.h5 (with "
              "save_weights_only), got '",
              filepath, "'");
    else
      require(filepath.ends_with(".keras") || filepath.ends_with(".h5"),
              "ModelCheckpoint.filepath: expected a name ending in .keras, got '", filepath, "'");
    best_ = initial_value_threshold;
  }

  void on_epoch_begin(std::int64_t epoch) override { epoch_ = epoch; }

  void on_train_batch_end(std::int64_t step, const Logs& logs) override {
    if (freq_.is_due_after_batch()) save(step + 1, logs);
  }

  void on_epoch_end(std::int64_t, Logs& logs) override {
    if (!freq_.by_batches()) save(-1, logs);
  }

  bool wants_batches() const override { return freq_.by_batches(); }

 private:
  void save(std::int64_t batch, const Logs& logs) {
    const std::string path = fill_in(filepath, epoch_ + 1, batch, logs);
    if (!is_due(path, logs)) return;
    if (!loop->files)
      fail(Code::kState, "ModelCheckpoint: whoever started this loop gave no way to save models");
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (error)
      fail(Code::kIo, "ModelCheckpoint: the folder '", folder.string(),
           "' cannot be made: ", error.message());
    loop->files->save(*loop->model, path, save_weights_only);
    if (verbose > 0) say(concat("\nEpoch ", epoch_ + 1, ": finished saving model to ", path));
  }

  bool is_due(const std::string& path, const Logs& logs) {
    const std::string epoch = concat("\nEpoch ", epoch_ + 1, ": ");
    if (!save_best_only) {
      if (verbose > 0) say(epoch + "saving model to " + path);
      return true;
    }
    const std::optional<double> current = monitored(logs, "each model is saved");
    if (!current) return true;
    char now[64], before[64] = "None";
    std::snprintf(now, sizeof now, "%.5f", *current);
    if (best_) std::snprintf(before, sizeof before, "%.5f", *best_);
    if (!is_improvement(*current, best_)) {
      if (verbose > 0) say(epoch + monitor + " did not improve from " + before);
      return false;
    }
    if (verbose > 0)
      say(epoch + monitor + " improved from " + before + " to " + now + ", saving model to " +
          path);
    best_ = current;
    return true;
  }

  std::optional<double> best_;
  SaveFreq freq_;
  std::int64_t epoch_ = 0;
};

const ClassInfo& ModelCheckpoint::describe() {
  static const ClassInfo info = [] {
    using C = ModelCheckpoint;
    ClassInfo c = class_info<C>(kKind, "ModelCheckpoint", "keras.callbacks",
                                "Saves the model, or its weights, after epochs or batches.");
    c.attributes = {
        attribute<C>("filepath", &C::filepath,
                     "Where to; {epoch:02d} and {val_loss:.2f} are filled in.")
            .required(),
        monitor_attribute<C>(),
        verbose_attribute<C>(),
        attribute<C>("save_best_only", &C::save_best_only,
                     "Whether only a model better than all before is saved."),
        attribute<C>("save_weights_only", &C::save_weights_only,
                     "Whether the weights alone are saved, to a .weights.h5 file."),
        mode_attribute<C>(),
        attribute<C>("save_freq", &C::save_freq, "\"epoch\", or a number of batches."),
        attribute<C>("initial_value_threshold", &C::initial_value_threshold,
                     "What the first model must surpass to be saved."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(ModelCheckpoint);

}  // namespace keratin
