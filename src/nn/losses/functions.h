// The functions behind losses and the metrics of the same name: y_true and y_pred
// [batch, ..., features] -> [batch, ...], in y_pred's dtype.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "graph/graph.h"

namespace keratin {

inline constexpr double kEpsilon =
    1e-7;  // Keras' backend.epsilon(): probabilities' distance from 0

Value mean_squared_error(Value y_true, Value y_pred);
Value mean_absolute_error(Value y_true, Value y_pred);
Value mean_absolute_percentage_error(Value y_true, Value y_pred);
Value mean_squared_logarithmic_error(Value y_true, Value y_pred);
Value huber(Value y_true, Value y_pred, double delta);
Value log_cosh(Value y_true, Value y_pred);
Value kl_divergence(Value y_true, Value y_pred);
Value poisson(Value y_true, Value y_pred);
Value hinge(Value y_true, Value y_pred);  // targets of 0 and 1 stand for -1 and 1
Value squared_hinge(Value y_true, Value y_pred);
Value categorical_hinge(Value y_true, Value y_pred);
// The cosine of the angle between targets and predictions along an axis: the metric; as a loss it
// is taken negative.
Value cosine_similarity(Value y_true, Value y_pred, std::int64_t axis);

struct BinaryCrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;  // targets drawn towards 1/2
  std::int64_t axis = -1;      // the mean is taken along it
};
Value binary_crossentropy(Value y_true, Value y_pred, const BinaryCrossentropyOptions& options);

struct CategoricalCrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;  // targets drawn towards equal probabilities
  std::int64_t axis = -1;      // of the classes
};
Value categorical_crossentropy(Value y_true, Value y_pred,
                               const CategoricalCrossentropyOptions& options);

struct SparseCategoricalCrossentropyOptions {
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class;  // targets of it have no loss
  std::int64_t axis = -1;                    // of the classes
};
// y_true holds class indices: [batch, ...], or with one more axis of 1 in the place of the classes.
Value sparse_categorical_crossentropy(Value y_true, Value y_pred,
                                      const SparseCategoricalCrossentropyOptions& options);
// 1 where the target is not of the ignored class, else 0; a null Value if no class is ignored.
Value sparse_categorical_mask(Value y_true, Value y_pred,
                              const SparseCategoricalCrossentropyOptions& options);

// Both in y_pred's dtype, with ranks that agree.
std::pair<Value, Value> alike(Value y_true, Value y_pred);

// Throws kInvalidArgument unless the shapes are the same, as far as they are known.
void require_same_shape(Value y_true, Value y_pred);

}  // namespace keratin
