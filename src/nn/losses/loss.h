// Losses: what is minimised.
#pragma once

#include "core/registry.h"
#include "graph/graph.h"

namespace keratin {

class Loss : public Object {
 public:
  static constexpr const char* kKind = "losses";
  std::string name;
  std::string reduction = "sum_over_batch_size";  // or "sum", "mean", "mean_with_sample_weight", "none"
  Json dtype;

  // One value a sample: y_true and y_pred [batch, ..., features] -> [batch, ...]. y_true may be of an integer dtype.
  virtual Value call(Value y_true, Value y_pred) const = 0;

  // Keras' Loss.__call__: ranks squeezed to match, call(), sample weights ([batch] or broadcastable;
  // null for none), reduction to a scalar.
  Value operator()(Value y_true, Value y_pred, Value sample_weight = {}) const;
};
using LossPtr = std::shared_ptr<Loss>;

// Keras' squeeze_or_expand_to_same_rank: a last axis of 1 is dropped or added so that the ranks agree.
std::pair<Value, Value> squeeze_or_expand_to_same_rank(Value y_true, Value y_pred);
// Keras' reduce_weighted_values; `values` [batch, ...].
Value reduce_weighted_values(Value values, Value sample_weight, const std::string& reduction);

}  // namespace keratin
