// What the loops read: arrays in memory, whose first axis is the sample.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace keratin {

// Inputs, targets and sample weights of one call of fit, evaluate or predict; all with the same first axis.
struct Dataset {
  std::vector<Tensor> x;
  std::vector<Tensor> y;               // empty for predict
  std::vector<Tensor> sample_weight;   // none, one for all outputs, or one for each output ([n])
  std::int64_t rows() const { return x.empty() || x[0].shape().empty() ? 0 : x[0].shape()[0]; }
};

// A source of batches, for data that is not one array: called for each batch in turn; returns false at the end.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual bool next(Dataset& batch) = 0;
  virtual void restart() = 0;  // before each epoch
};

}  // namespace keratin
