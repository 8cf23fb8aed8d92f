#include <algorithm>

#include "core/error.h"
#include "training/loop.h"
#include "training/progress.h"

namespace keratin {

void check_compiled(const ModelPtr& model, const char* method) {
  require(model != nullptr, method, ": the model is NULL");
  if (!model->compiled)
    fail(Code::kState, "the model '", model->name, "' is not compiled: compile it before ", method);
}

void check_not_negative(const char* name, std::int64_t value) {
  require(value >= 0, name, ": expected 0 or more, got ", value);
}

std::int64_t choose_batch_size(std::int64_t asked, std::int64_t rows, std::int64_t steps) {
  if (asked > 0) return asked;
  return steps > 0 ? std::max<std::int64_t>((rows + steps - 1) / steps, 1) : 32;
}

std::vector<CallbackPtr> with_progress(std::vector<CallbackPtr> callbacks, int verbose) {
  const bool given = std::any_of(callbacks.begin(), callbacks.end(), [](const CallbackPtr& c) {
    return dynamic_cast<ProgbarLogger*>(c.get()) != nullptr;
  });
  if (verbose != 0 && !given) callbacks.push_back(std::make_shared<ProgbarLogger>());
  return callbacks;
}

Logs evaluate_feed(Model& model, Feed& feed, std::int64_t steps, CallbackList& callbacks) {
  Compiled& compiled = *model.compiled;
  callbacks.each([](Callback& c) { c.on_test_begin(); });
  compiled.reset_metrics();
  feed.restart();
  callbacks.begin_batches();
  Runner runner(model, feed, false);
  std::int64_t step = 0;
  for (; steps == 0 || step < steps; ++step) {
    const std::int64_t rows = feed.next();
    if (rows == 0) break;
    if (callbacks.any_wants_batches())
      callbacks.each_wanting([&](Callback& c) { c.on_test_batch_begin(step); });
    runner.run(rows);
    if (callbacks.heard(step)) {
      const Logs logs = compiled.results();
      callbacks.each_hearing(step, [&](Callback& c) { c.on_test_batch_end(step, logs); });
    }
  }
  require(step > 0, "the model '", model.name, "' got no data to evaluate");
  const Logs logs = compiled.results();
  callbacks.each([&](Callback& c) { c.on_test_end(logs); });
  return logs;
}

namespace {

Logs run(const ModelPtr& model, Feed& feed, const EvaluateOptions& options) {
  LoopState state;
  state.model = model;
  state.steps = options.steps ? options.steps : feed.batches();
  state.verbose = options.verbose;
  state.print = options.print;
  CallbackList callbacks(with_progress(options.callbacks, options.verbose), state);
  return evaluate_feed(*model, feed, options.steps, callbacks);
}

void check(const ModelPtr& model, const EvaluateOptions& options) {
  check_compiled(model, "evaluate");
  check_not_negative("batch_size", options.batch_size);
  check_not_negative("steps", options.steps);
}

}  // namespace

Logs evaluate(const ModelPtr& model, const Dataset& data, const EvaluateOptions& options) {
  check(model, options);
  const Usage::Exclusive exclusive(model->usage, model->name, false);
  build_for_data(*model, data);
  const auto feed =
      array_feed(*model, prepare(*model, data),
                 choose_batch_size(options.batch_size, data.rows(), options.steps), false);
  return run(model, *feed, options);
}

Logs evaluate(const ModelPtr& model, BatchSource& data, const EvaluateOptions& options) {
  check(model, options);
  const Usage::Exclusive exclusive(model->usage, model->name, false);
  SourceFeed feed(*model, data, {});
  return run(model, feed, options);
}

Logs in_list_order(const Model& model, const Logs& logs) {
  Logs ordered;
  for (const std::string& key : model.compiled->keys_in_order())
    for (const auto& entry : logs)
      if (entry.first == key) ordered.push_back(entry);
  return ordered;
}

}  // namespace keratin
