// Random numbers inside a graph. The state is a uint32 variable of shape (2,): key and draw
// counter, as Keras' SeedGenerator keeps it; each use takes the next draw and assigns the counter.
#pragma once

#include "graph/graph.h"

namespace keratin::ops {

// Uniform on [0, 1), with the shape and dtype of `like`. Element i of a draw depends on state and i
// only.
Value random_uniform(const VariablePtr& seed_state, Value like);
Value random_normal(const VariablePtr& seed_state, Value like);
// Logarithms of numbers of the gamma distribution of that shape (a scalar above 0) and scale 1:
// small shapes have numbers too small to be told from 0.
Value random_log_gamma(const VariablePtr& seed_state, Value shape, Value like);

}  // namespace keratin::ops
