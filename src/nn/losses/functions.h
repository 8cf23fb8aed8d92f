// The functions behind losses and the metrics of the same name: y_true and y_pred
// [batch, ..., features] -> [batch, ...], in y_pred's dtype.
#pragma once

#include <cstdint>
#include <optional>

#include "graph/graph.h"

namespace keratin {

inline constexpr double kEpsilon =
    1e-7;  // Keras' backend.epsilon(): probabilities' distance from 0

Value mean_squared_error(Value y_true, Value y_pred);
Value mean_absolute_error(Value y_true, Value y_pred);

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

// Throws kInvalidArgument unless the shapes are the same, as far as they are known.
void require_same_shape(Value y_true, Value y_pred);

}  // namespace keratin
