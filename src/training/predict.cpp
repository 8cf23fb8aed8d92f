#include <algorithm>
#include <atomic>

#include "core/error.h"
#include "core/threads.h"
#include "training/ahead.h"
#include "training/feed.h"
#include "training/loop.h"

namespace keratin {
namespace {

// Workspaces for the time of some batches of one size: one for each thread that may need one.
class Borrowed {
 public:
  Borrowed(Model& model, const std::vector<Spec>& inputs, std::int64_t rows, std::int64_t count)
      : model_(model), in_use_(std::size_t(count)) {
    const std::shared_ptr<const Plan> plan = model.predict_plan(rows, inputs);
    for (std::int64_t i = 0; i < count; ++i) workspaces_.push_back(model.workspaces.take(plan));
  }
  ~Borrowed() {
    for (auto& workspace : workspaces_) model_.workspaces.give(std::move(workspace));
  }
  Borrowed(const Borrowed&) = delete;
  const Plan& plan() const { return workspaces_[0]->plan(); }

  // fn(a workspace that no other thread has at the moment)
  template <class Fn>
  void with_one(const Fn& fn) {
    for (std::size_t i = 0;; i = (i + 1) % workspaces_.size())
      if (!in_use_[i].exchange(true, std::memory_order_acquire)) {
        fn(*workspaces_[i]);
        in_use_[i].store(false, std::memory_order_release);
        return;
      }
  }

 private:
  Model& model_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;
  std::vector<std::atomic<bool>> in_use_;
};

// The whole result of each output; batches are written into it in place.
std::vector<Tensor> make_results(const Model& model, const Plan& plan, std::int64_t batch,
                                 std::int64_t rows) {
  std::vector<Tensor> results;
  const std::size_t count = model.output_tensors().size();
  for (std::size_t i = 0; i < count; ++i) {
    Spec spec = plan.output_spec(static_cast<int>(i));
    if (spec.shape.empty() || spec.shape[0] != batch)
      fail(Code::kUnsupported, "predict: the output '", model.output_names()[i], "' of shape ",
           to_string(spec.shape), " has no row for each sample");
    spec.shape[0] = rows;
    results.emplace_back(spec.dtype, spec.shape);
  }
  return results;
}

void* row(const Tensor& tensor, std::int64_t i) {
  return static_cast<char*>(tensor.raw()) +
         static_cast<std::size_t>(i) *
             (tensor.bytes() / static_cast<std::size_t>(tensor.shape()[0]));
}

// Rows begin .. end in batches of one size; of each, so many rows at a time as are best. Where
// there are enough of such parts for all threads, each thread takes some, else they work within one
// part.
template <class Before, class After>
void predict_rows(Model& model, const Prepared& data, std::vector<Tensor>& results,
                  std::int64_t begin, std::int64_t end, std::int64_t batch, Before&& before,
                  After&& after) {
  const std::int64_t rows = model.rows_at_a_time(batch, data.inputs), parts = batch / rows;
  const bool side_by_side = num_threads() > 1 && parts >= 2 * num_threads();
  Borrowed workspaces(model, data.inputs, rows, side_by_side ? num_threads() : 1);
  if (results.empty()) results = make_results(model, workspaces.plan(), rows, data.rows);
  Converted converted(data, batch);
  std::vector<const void*> inputs(data.columns.size());
  for (std::int64_t at = begin; at < end; at += batch) {
    before();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      inputs[i] = converted.batch(i, row(data.columns[i], at), batch);
    const auto run_part = [&](std::int64_t part) {
      workspaces.with_one([&](Workspace& workspace) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
          const Spec& spec = workspace.plan().input_spec(static_cast<int>(i));
          const std::size_t bytes =
              static_cast<std::size_t>(element_count(spec.shape)) * size_of(spec.dtype);
          workspace.set_input(static_cast<int>(i), static_cast<const char*>(inputs[i]) +
                                                       static_cast<std::size_t>(part) * bytes);
        }
        for (std::size_t i = 0; i < results.size(); ++i)
          workspace.set_output(static_cast<int>(i), row(results[i], at + part * rows));
        workspace.run();
      });
    };
    if (side_by_side)
      parallel_for(parts, run_part);
    else
      for (std::int64_t part = 0; part < parts; ++part) run_part(part);
    after();
  }
}

// What a batch from row `at` on gave, into the whole of so many rows.
void put_rows(std::vector<Tensor>& results, const std::vector<Tensor>& part, std::int64_t at,
              std::int64_t rows) {
  for (std::size_t i = 0; i < part.size(); ++i) {
    Shape shape = part[i].shape();
    const std::int64_t count = std::exchange(shape[0], rows);
    if (results.size() == i) results.emplace_back(part[i].dtype(), shape);
    if (results[i].shape() != shape)
      fail(Code::kUnsupported, "predict: output ", i, " of a batch has the shape ",
           to_string(part[i].shape()), ", those before ", to_string(results[i].shape()),
           ": give one batch at a time");
    results[i].rows(at, at + count).assign(part[i]);
  }
}

std::vector<Tensor> run(const ModelPtr& model, const std::vector<Tensor>& x,
                        const PredictOptions& options) {
  require(model != nullptr, "predict: the model is NULL");
  check_not_negative("batch_size", options.batch_size);
  Dataset dataset;
  dataset.x = x;
  if (!model->built()) {
    const Usage::Exclusive exclusive(model->usage, model->name, true);
    build_for_data(*model, dataset);
  }
  std::optional<Usage::Shared> shared;
  std::optional<Usage::Exclusive> exclusive;
  if (std::any_of(options.callbacks.begin(), options.callbacks.end(),
                  [](const CallbackPtr& c) { return c && c->changes_weights(); }))
    exclusive.emplace(model->usage, model->name, false);
  else
    shared.emplace(model->usage, model->name);
  const Prepared data = prepare_inputs(*model, dataset);
  const std::int64_t batch = std::min(options.batch_size > 0 ? options.batch_size : 32, data.rows);
  const std::int64_t full = data.rows - data.rows % batch;

  LoopState state;
  state.model = model;
  state.steps = (data.rows + batch - 1) / batch;
  state.verbose = options.verbose;
  state.print = options.print;
  CallbackList callbacks(with_progress(options.callbacks, options.verbose), state);
  callbacks.each([](Callback& c) { c.on_predict_begin(); });
  callbacks.begin_batches();
  std::int64_t step = 0;
  const auto before = [&] {
    if (callbacks.any_wants_batches())
      callbacks.each_wanting([&](Callback& c) { c.on_predict_batch_begin(step); });
  };
  const auto after = [&] {
    if (callbacks.heard(step))
      callbacks.each_hearing(step, [&](Callback& c) { c.on_predict_batch_end(step); });
    ++step;
  };
  std::vector<Tensor> results;
  if (works_ahead(*model)) {
    for (std::int64_t at = 0; at < data.rows; at += batch) {
      const Prepared part = worked_ahead(*model, data.part(at, std::min(at + batch, data.rows)));
      std::vector<Tensor> of_part;
      predict_rows(*model, part, of_part, 0, part.rows, part.rows, before, after);
      put_rows(results, of_part, at, data.rows);
    }
  } else {
    predict_rows(*model, data, results, 0, full, batch, before, after);
    if (full < data.rows)
      predict_rows(*model, data, results, full, data.rows, data.rows - full, before, after);
  }
  callbacks.each([](Callback& c) { c.on_predict_end(); });
  for (Tensor& result : results)  // strings that belong to the model
    if (result.dtype() == DType::kString) result = result.clone();
  return results;
}

}  // namespace

std::vector<Tensor> predict(const ModelPtr& model, const std::vector<Tensor>& x,
                            const PredictOptions& options) {
  return run(model, x, options);
}

std::vector<Tensor> predict_on_batch(const ModelPtr& model, const std::vector<Tensor>& x) {
  PredictOptions options;
  options.batch_size = x.empty() || x[0].shape().empty() ? 0 : x[0].shape()[0];
  return run(model, x, options);
}

}  // namespace keratin
