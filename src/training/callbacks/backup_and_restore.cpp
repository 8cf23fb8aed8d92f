#include <filesystem>

#include "core/error.h"
#include "model/compile.h"
#include "training/callback.h"
#include "training/callbacks/save_freq.h"

namespace keratin {
namespace {

namespace fs = std::filesystem;

// Keeps in a folder what a training needs to go on after its process was ended, at any moment. All
// stands in one file that is replaced as a whole: Keras' weights with the optimizer and random
// states, and beside them epoch, batch, place in the data and metrics, so that the training which
// goes on makes the same weights as one that was never ended. Keras' own training_metadata.json is
// written, too, and read where Keras made the backup.
class BackupAndRestore : public Callback {
 public:
  KERATIN_CLASS
  std::string backup_dir;
  Json save_freq = "epoch";
  bool double_checkpoint = false;
  bool delete_checkpoint = true;

  void configured() override {
    require(!backup_dir.empty(), "BackupAndRestore.backup_dir: expected a folder, got ''");
    freq_.configure("BackupAndRestore", save_freq);
  }

  void on_train_begin() override {
    Model& model = *loop->model;
    if (!model.built())
      fail(Code::kState, "BackupAndRestore: the model '", model.name,
           "' is not built: build it before fit");
    if (!loop->files || !loop->feed)
      fail(Code::kState, "BackupAndRestore: whoever started this loop gave no way to write files");
    freq_.begin();
    if (!exists(weights_) && !exists(previous(weights_))) return;
    model.compiled->build_optimizer(model);
    if (!exists(previous(weights_))) return restore(weights_, metadata_);
    try {
      restore(weights_, metadata_);
    } catch (const Error& error) {  // missing, cut off or damaged; not of another model
      if (error.code() != Code::kCorrupt && error.code() != Code::kNotFound &&
          error.code() != Code::kIo)
        throw;
      restore(previous(weights_), previous(metadata_));
    }
  }

  void on_epoch_begin(std::int64_t epoch) override { epoch_ = epoch; }

  void on_train_batch_end(std::int64_t step, const Logs&) override {
    if (freq_.is_due_after_batch()) save(epoch_, step + 1);
  }

  void on_epoch_end(std::int64_t epoch, Logs&) override {
    if (!freq_.by_batches()) save(epoch + 1, 0);
  }

  void on_train_end(const Logs&) override {
    if (!delete_checkpoint) return;
    std::error_code ignored;
    for (const char* name : {weights_, metadata_}) {
      fs::remove(path(name), ignored);
      fs::remove(path(previous(name)), ignored);
    }
    fs::remove(backup_dir, ignored);  // where nothing else is in it
  }

  bool wants_batches() const override { return freq_.by_batches(); }

 private:
  static constexpr const char* weights_ = "latest.weights.h5";
  static constexpr const char* metadata_ = "training_metadata.json";
  static std::string previous(const std::string& name) { return name + ".bkp"; }
  std::string path(const std::string& name) const { return (fs::path(backup_dir) / name).string(); }
  bool exists(const std::string& name) const {
    std::error_code ignored;
    return fs::exists(path(name), ignored);
  }

  void restore(const std::string& weights, const std::string& metadata) {
    const ModelFiles::More more = loop->files->load_state(*loop->model, path(weights));
    Resume resume;
    const auto place = more.find("place");
    if (place == more.end()) {  // Keras goes on at the begin of the epoch
      if (!exists(metadata)) return;
      const Json json = parse_json(loop->files->read_text(path(metadata)), path(metadata));
      require(json.is_object() && json.contains("epoch") && json["epoch"].is_number_integer(),
              path(metadata), ": expected {\"epoch\": <number>, ...}");
      resume.epoch = json["epoch"].get<std::int64_t>();
    } else {
      if (place->second.dtype() != DType::kInt64 || place->second.shape() != Shape{5})
        fail(Code::kCorrupt, path(weights), ": 'training/place' is not five integers");
      const std::int64_t* at = place->second.data<std::int64_t>();
      resume.epoch = at[0];
      resume.batch = at[1];
      resume.place = {at[2], at[3], static_cast<std::uint64_t>(at[4])};
      for (std::size_t i = 0;; ++i) {
        const auto metric = more.find(metric_name(i));
        if (metric == more.end()) break;
        resume.metrics.push_back(metric->second);
      }
    }
    if (std::min({resume.epoch, resume.batch, resume.place.pass, resume.place.batch}) < 0)
      fail(Code::kCorrupt, path(weights), ": epoch ", resume.epoch, ", batch ", resume.batch,
           ": expected 0 or more");
    loop->resume = std::move(resume);
  }

  static std::string metric_name(std::size_t i) { return concat("metric", i); }

  void save(std::int64_t epoch, std::int64_t batch) {
    std::error_code error;
    fs::create_directories(backup_dir, error);
    if (error)
      fail(Code::kIo, "BackupAndRestore: the folder '", backup_dir,
           "' cannot be made: ", error.message());
    if (double_checkpoint)
      for (const char* name : {weights_, metadata_}) keep(name);
    const Feed::Place place = loop->feed->place();
    ModelFiles::More more;
    more["place"] = Tensor::of<std::int64_t>(
        {5}, {epoch, batch, place.pass, place.batch, static_cast<std::int64_t>(place.seed)});
    const std::vector<VariablePtr> metrics = loop->model->compiled->metric_state();
    for (std::size_t i = 0; batch > 0 && i < metrics.size(); ++i)
      more[metric_name(i)] = metrics[i]->value;
    loop->files->save_state(*loop->model, path(weights_), more);
    loop->files->write_text(path(metadata_), Json{{"epoch", epoch}, {"batch", batch}}.dump());
  }

  // Moves a file aside. Ended just after it, there is no latest file, and the one before counts.
  void keep(const std::string& name) {
    if (!exists(name)) return;
    std::error_code error;
    fs::rename(path(name), path(previous(name)), error);
    if (error)
      fail(Code::kIo, "BackupAndRestore: ", path(name), " cannot be renamed: ", error.message());
  }

  SaveFreq freq_;
  std::int64_t epoch_ = 0;
};

const ClassInfo& BackupAndRestore::describe() {
  static const ClassInfo info = [] {
    using C = BackupAndRestore;
    ClassInfo c = class_info<C>(kKind, "BackupAndRestore", "keras.callbacks",
                                "Lets a training that was interrupted go on where it was.");
    c.attributes = {
        attribute<C>("backup_dir", &C::backup_dir,
                     "Folder of the backup, which nothing else writes to.")
            .required(),
        attribute<C>("save_freq", &C::save_freq, "\"epoch\", or a number of batches."),
        attribute<C>("double_checkpoint", &C::double_checkpoint,
                     "Whether the backup before the last is kept, for when that is damaged."),
        attribute<C>("delete_checkpoint", &C::delete_checkpoint,
                     "Whether the backup is removed when training ends."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(BackupAndRestore);

}  // namespace
}  // namespace keratin
