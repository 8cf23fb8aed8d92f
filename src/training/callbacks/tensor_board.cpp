#include <algorithm>
#include <chrono>
#include <memory>

#include "core/error.h"
#include "core/json_text.h"
#include "model/compile.h"
#include "training/callback.h"
#include "training/callbacks/event_file.h"

namespace keratin {
namespace {

double seconds() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// A weight as Keras shows it: a column, a matrix lying, or one image for each kernel; empty where
// it is none.
Tensor image_of(const Tensor& weight) {
  Shape s;
  for (const std::int64_t size : weight.shape())
    if (size != 1) s.push_back(size);
  if (s.size() == 1) return weight.reshaped({1, s[0], 1, 1});
  if (s.size() == 4 && (s[3] == 3 || s[3] == 4)) return weight.reshaped(s);
  if ((s.size() != 2 || s[0] <= s[1]) && s.size() != 3)
    return s.size() == 2 ? weight.reshaped({1, s[0], s[1], 1}) : Tensor();
  // The last axis comes first.
  const std::int64_t last = s.back(), rest = weight.size() / last;
  Tensor turned(DType::kFloat32, {last, rest});
  for (std::int64_t i = 0; i < rest; ++i)
    for (std::int64_t k = 0; k < last; ++k)
      turned.data<float>()[k * rest + i] = weight.data<float>()[i * last + k];
  return turned.reshaped(s.size() == 2 ? Shape{1, s[1], s[0], 1} : Shape{last, s[0], s[1], 1});
}

// Writes TensorBoard's event files with Keras' tags: what the training shows to log_dir/train,
// what validation and evaluation show to log_dir/validation.
class TensorBoard : public Callback {
 public:
  KERATIN_CLASS
  std::string log_dir = "logs";
  std::int64_t histogram_freq = 0;
  bool write_graph = true, write_images = false, write_steps_per_second = false;
  Json update_freq = "epoch";
  Json profile_batch = 0;
  std::int64_t embeddings_freq = 0;
  Json embeddings_metadata;

  void configured() override {
    require(update_freq == "epoch" || update_freq == "batch" ||
                (update_freq.is_number_integer() && update_freq > 0),
            "TensorBoard.update_freq: expected \"epoch\", \"batch\" or a number of batches, got ",
            update_freq.dump());
    if (profile_batch != 0 || embeddings_freq != 0)
      fail(Code::kUnsupported,
           "TensorBoard: profile_batch and embeddings_freq are not supported, they must be 0");
    every_ = update_freq == "epoch"   ? 0
             : update_freq == "batch" ? 1
                                      : update_freq.get<std::int64_t>();
  }

  void on_train_begin() override {
    batches_ = epoch_begin_ = 0;
    train_.reset();
    validation_.reset();
    if (write_graph)
      file(train_, "train").keras_model("keras", 0, json_text(loop->model->to_json()));
  }
  void on_train_end(const Logs&) override {
    train_.reset();
    validation_.reset();
  }

  void on_epoch_begin(std::int64_t) override {
    epoch_begin_ = batches_;
    if (!write_steps_per_second) return;
    epoch_time_ = seconds();
    epoch_iterations_ = optimizer().iterations();
  }

  void on_epoch_end(std::int64_t epoch, Logs& logs) override {
    EventFile& train = file(train_, "train");
    for (const auto& [key, values] : logs)
      if (key.starts_with("val_"))
        add(file(validation_, "validation"), "epoch_" + key.substr(4), epoch, values);
      else if (key != "learning_rate")
        add(train, "epoch_" + key, epoch, values);
    add_learning_rate(train, epoch);
    if (write_steps_per_second)
      train.scalar("epoch_steps_per_second", epoch,
                   double(optimizer().iterations() - epoch_iterations_) /
                       std::max(seconds() - epoch_time_, 1e-9));
    if (histogram_freq > 0 && epoch % histogram_freq == 0) add_weights(train, epoch);
    train.flush();
    if (validation_) validation_->flush();
  }

  void on_train_batch_begin(std::int64_t) override {
    ++batches_;
    if (write_steps_per_second) batch_time_ = seconds();
  }
  void on_train_batch_end(std::int64_t, const Logs& logs) override {
    if (every_ == 0 || batches_ % every_ != 0) return;
    EventFile& train = file(train_, "train");
    if (write_steps_per_second)
      train.scalar("batch_steps_per_second", batches_, 1 / std::max(seconds() - batch_time_, 1e-9));
    for (const auto& [key, values] : logs) add(train, "batch_" + key, batches_, values);
  }

  void on_test_end(const Logs& logs) override {
    EventFile& validation = file(validation_, "validation");
    for (const auto& [key, values] : logs)
      add(validation, "evaluation_" + key + "_vs_iterations", optimizer().iterations(), values);
    validation.flush();
  }

  bool wants_batches() const override { return every_ > 0; }
  std::int64_t next_batch(std::int64_t step) const override {
    if (every_ == 0) return kNever;
    return step + (every_ - (epoch_begin_ + step + 1) % every_) % every_;
  }

 private:
  EventFile& file(std::unique_ptr<EventFile>& file, const char* folder) {
    if (!file) file = std::make_unique<EventFile>(log_dir + "/" + folder);
    return *file;
  }

  Optimizer& optimizer() const { return *loop->model->compiled->optimizer; }

  static void add(EventFile& file, const std::string& tag, std::int64_t step,
                  const std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      file.scalar(values.size() == 1 ? tag : concat(tag, "/", i), step, values[i]);
  }

  void add_learning_rate(EventFile& train, std::int64_t epoch) const {
    if (optimizer().info().name != "MultiOptimizer")
      return train.scalar("epoch_learning_rate", epoch, optimizer().current_learning_rate());
    for (const auto& [name, part] : optimizer().parts())
      train.scalar("epoch_learning_rate_" + part->name, epoch, part->current_learning_rate());
  }

  void add_weights(EventFile& train, std::int64_t epoch) const {
    for (const Weight& weight : loop->model->weights()) {
      const Tensor& value = weight.variable->value;
      if (!is_floating(value.dtype())) continue;
      train.histogram(weight.variable->path + "/histogram", epoch, value);
      if (!write_images) continue;
      if (const Tensor image = image_of(value.as(DType::kFloat32)); !image.empty())
        train.image(weight.variable->path + "/image", epoch, image);
    }
  }

  std::unique_ptr<EventFile> train_, validation_;
  std::int64_t every_ = 0;                      // batches; 0: epochs alone
  std::int64_t batches_ = 0, epoch_begin_ = 0;  // of this fit so far; when the epoch began
  std::int64_t epoch_iterations_ = 0;
  double epoch_time_ = 0, batch_time_ = 0;
};

const ClassInfo& TensorBoard::describe() {
  static const ClassInfo info = [] {
    using C = TensorBoard;
    ClassInfo c = class_info<C>(kKind, "TensorBoard", "keras.callbacks",
                                "Writes event files that TensorBoard shows.");
    c.attributes = {
        attribute<C>("log_dir", &C::log_dir, "Folder of the files."),
        attribute<C>("histogram_freq", &C::histogram_freq,
                     "Epochs between histograms of the weights; 0: none.")
            .at_least(0),
        attribute<C>("write_graph", &C::write_graph,
                     "Whether the model's layers are written for the graph page."),
        attribute<C>("write_images", &C::write_images,
                     "Whether weights are written as images with the histograms."),
        attribute<C>("write_steps_per_second", &C::write_steps_per_second,
                     "Whether the speed is written."),
        attribute<C>("update_freq", &C::update_freq,
                     "\"epoch\", \"batch\", or a number of batches."),
        attribute<C>("profile_batch", &C::profile_batch, "Not supported: 0."),
        attribute<C>("embeddings_freq", &C::embeddings_freq, "Not supported: 0."),
        attribute<C>("embeddings_metadata", &C::embeddings_metadata, "Not supported: null."),
    };
    return c;
  }();
  return info;
}
KERATIN_REGISTER(TensorBoard);

}  // namespace
}  // namespace keratin
