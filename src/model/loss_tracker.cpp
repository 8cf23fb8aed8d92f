#include "model/loss_tracker.h"

#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {

const ClassInfo& LossTracker::describe() {  // not in the registry: nobody makes one by name
  static const ClassInfo info = class_info<LossTracker>("metrics", "LossTracker", "keras.metrics",
                                                        "Mean loss, weighted by batch size.");
  return info;
}

LossTracker::LossTracker(std::string key) {
  name = std::move(key);
  total_ = add_variable("total", {});
  count_ = add_variable("count", {});
}

void LossTracker::update(Value loss, Value like, Value) {
  Graph& graph = loss.graph();
  const Value samples = ops::count(ops::cast(like, DType::kFloat32), {0});
  graph.assign(total_, graph.variable(total_) + ops::cast(loss, DType::kFloat32) * samples);
  graph.assign(count_, graph.variable(count_) + samples);
}

std::vector<double> LossTracker::result() const {
  const float total = *total_->value.data<float>(), count = *count_->value.data<float>();
  return {count == 0 ? 0.0f : total / count};
}

}  // namespace keratin
