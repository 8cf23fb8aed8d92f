#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "training/loop.h"

namespace keratin {
namespace {

class Fit {
 public:
  Fit(const ModelPtr& model, Feed& feed, Feed* validation, const FitOptions& options)
      : model_(*model),
        feed_(feed),
        validation_(validation),
        options_(options),
        runner_(*model, feed, true) {
    state_.model = model;
    state_.epochs = options.epochs;
    state_.steps = options.steps_per_epoch ? options.steps_per_epoch : feed.batches();
    state_.verbose = options.verbose;
    state_.print = options.print;
    state_.files = options.files;
    state_.feed = &feed;
  }

  History run() {
    std::vector<CallbackPtr> given = options_.callbacks;
    std::shared_ptr<HistoryCallback> history;
    for (const CallbackPtr& callback : given)
      if (auto found = std::dynamic_pointer_cast<HistoryCallback>(callback)) history = found;
    if (!history) given.push_back(history = std::make_shared<HistoryCallback>());
    CallbackList callbacks(with_progress(std::move(given), options_.verbose), state_);

    Logs logs;
    try {
      callbacks.each([](Callback& c) { c.on_train_begin(); });
      if (state_.resume) go_on();
      for (std::int64_t epoch = state_.resume ? state_.resume->epoch : options_.initial_epoch;
           epoch < options_.epochs; ++epoch) {
        logs = run_epoch(epoch, callbacks);
        first_batch_ = 0;
        if (state_.stop_training) break;
      }
    } catch (...) {
      finalize();
      throw;
    }
    finalize();
    callbacks.each([&](Callback& c) { c.on_train_end(logs); });
    return history->history;
  }

 private:
  // To where a callback says that an earlier training was interrupted.
  void go_on() {
    const Resume& resume = *state_.resume;
    Feed::Place place = resume.place;
    if (place.pass == 0) return;
    first_batch_ = resume.batch;
    if (first_batch_ == 0 && options_.steps_per_epoch == 0) place.batch = 0;  // a new pass follows
    feed_.seek(place);
    started_ = true;
  }

  void restore_metrics() {
    if (first_batch_ == 0) return;
    step_for(model_, feed_.data(), true);  // builds them
    const std::vector<VariablePtr> state = model_.compiled->metric_state();
    const std::vector<Tensor>& saved = state_.resume->metrics;
    bool fits = state.size() == saved.size();
    for (std::size_t i = 0; fits && i < state.size(); ++i)
      fits = state[i]->value.shape() == saved[i].shape() &&
             state[i]->value.dtype() == saved[i].dtype();
    require(fits, "the training to go on with was compiled with other metrics than the model '",
            model_.name, "' has");
    for (std::size_t i = 0; i < state.size(); ++i) state[i]->value.assign(saved[i]);
  }

  Logs run_epoch(std::int64_t epoch, CallbackList& callbacks) {
    Compiled& compiled = *model_.compiled;
    compiled.reset_metrics();
    restore_metrics();
    callbacks.each([&](Callback& c) { c.on_epoch_begin(epoch); });
    train(callbacks);
    Logs logs = compiled.results();
    if (validation_ && (epoch + 1) % options_.validation_freq == 0) {
      for (auto& [key, value] :
           evaluate_feed(model_, *validation_, options_.validation_steps, callbacks))
        logs.emplace_back("val_" + key, value);
      sort_logs(logs);
    }
    Logs shown = logs;  // callbacks may add to it
    callbacks.each([&](Callback& c) { c.on_epoch_end(epoch, shown); });
    return logs;
  }

  void train(CallbackList& callbacks) {
    const std::int64_t steps = options_.steps_per_epoch;
    if (first_batch_ == 0 && (steps == 0 || !started_)) feed_.restart();
    started_ = true;
    callbacks.begin_batches(first_batch_);
    const bool batches = callbacks.any_wants_batches();
    std::int64_t step = first_batch_;
    for (; steps == 0 || step < steps; ++step) {
      std::int64_t rows = feed_.next();
      if (rows == 0 && step == 0) {  // the epoch before ended with the data
        feed_.restart();
        rows = feed_.next();
      }
      if (rows == 0) break;
      if (batches) callbacks.each_wanting([&](Callback& c) { c.on_train_batch_begin(step); });
      runner_.run(rows);
      if (callbacks.heard(step)) {
        const Logs logs = model_.compiled->results();
        callbacks.each_hearing(step, [&](Callback& c) { c.on_train_batch_end(step, logs); });
        if (state_.stop_training) return;
      }
    }
    require(step > 0, "the model '", model_.name, "' got no data to train on");
    if (step < steps && state_.print)
      state_.print("The data ended after " + std::to_string(step) + " of " + std::to_string(steps) +
                   " steps of the epoch.\n");
  }

  void finalize() {
    if (options_.epochs > 0 && model_.compiled->optimizer->is_built())
      model_.compiled->optimizer->finalize_weights();
  }

  Model& model_;
  Feed& feed_;
  Feed* validation_;
  const FitOptions& options_;
  LoopState state_;
  Runner runner_;
  bool started_ = false;
  std::int64_t first_batch_ = 0;  // of this epoch: above 0 where it was interrupted
};

void check(const ModelPtr& model, const FitOptions& options) {
  check_compiled(model, "fit");
  check_not_negative("batch_size", options.batch_size);
  check_not_negative("epochs", options.epochs);
  check_not_negative("initial_epoch", options.initial_epoch);
  check_not_negative("steps_per_epoch", options.steps_per_epoch);
  check_not_negative("validation_steps", options.validation_steps);
  check_not_negative("validation_batch_size", options.validation_batch_size);
  require(options.validation_freq >= 1, "validation_freq: expected 1 or more, got ",
          options.validation_freq);
  require(options.validation_split >= 0 && options.validation_split < 1,
          "validation_split: expected a number of at least 0 and below 1, got ",
          options.validation_split);
}

std::unique_ptr<ArrayFeed> validation_feed(Model& model, const std::optional<Dataset>& data,
                                           const FitOptions& options) {
  if (!data) return {};
  const std::int64_t asked =
      options.validation_batch_size ? options.validation_batch_size : options.batch_size;
  try {
    return array_feed(model, prepare(model, *data),
                      choose_batch_size(asked, data->rows(), options.validation_steps), false);
  } catch (const Error& error) {
    fail(error.code(), "validation data: ", error.what());
  }
}

}  // namespace

History fit(const ModelPtr& model, const Dataset& data, const FitOptions& options) {
  check(model, options);
  const Usage::Exclusive exclusive(model->usage, model->name, true);
  build_for_data(*model, data);
  Dataset training = data;
  std::optional<Dataset> validation = options.validation_data;
  if (options.validation_split > 0 && !validation) {
    const std::int64_t rows = data.rows();
    const auto border =
        static_cast<std::int64_t>(std::floor(double(rows) * (1.0 - options.validation_split)));
    require(border > 0 && border < rows, "validation_split: ", rows,
            " rows are too few to split off ", options.validation_split);
    training = data.part(0, border);
    validation = data.part(border, rows);
  }

  Prepared prepared = prepare(*model, training, options.class_weight);
  std::optional<std::uint64_t> seed;
  if (options.shuffle) seed = next_global_seed();
  const std::int64_t rows = prepared.rows;
  const auto feed =
      array_feed(*model, std::move(prepared),
                 choose_batch_size(options.batch_size, rows, options.steps_per_epoch), true, seed);
  const auto validation_rows = validation_feed(*model, validation, options);
  return Fit(model, *feed, validation_rows.get(), options).run();
}

History fit(const ModelPtr& model, BatchSource& data, const FitOptions& options) {
  check(model, options);
  require(options.validation_split == 0, "validation_split needs arrays, not a source of batches");
  const Usage::Exclusive exclusive(model->usage, model->name, true);
  SourceFeed feed(*model, data, options.class_weight);
  if (options.validation_data) build_for_data(*model, *options.validation_data);
  const auto validation = validation_feed(*model, options.validation_data, options);
  return Fit(model, feed, validation.get(), options).run();
}

}  // namespace keratin
