// One step on one batch.
#include "training/ahead.h"
#include "training/loop.h"

namespace keratin {
namespace {

Logs run_batch(const ModelPtr& model, const Dataset& batch, const ClassWeights& class_weight,
               bool training) {
  const Usage::Exclusive exclusive(model->usage, model->name, training);
  build_for_data(*model, batch);
  Prepared prepared = worked_ahead(*model, prepare(*model, batch, class_weight));
  const std::int64_t rows = prepared.rows;
  ArrayFeed feed(std::move(prepared), rows);
  feed.restart();
  feed.next();
  const std::shared_ptr<Step> step = step_for(*model, feed.data(), training);
  model->compiled->reset_metrics();
  step->run(feed, rows);
  return model->compiled->results();
}

}  // namespace

Logs train_on_batch(const ModelPtr& model, const Dataset& batch, const ClassWeights& class_weight) {
  check_compiled(model, "train_on_batch");
  return run_batch(model, batch, class_weight, true);
}

Logs test_on_batch(const ModelPtr& model, const Dataset& batch) {
  check_compiled(model, "test_on_batch");
  return run_batch(model, batch, {}, false);
}

}  // namespace keratin
