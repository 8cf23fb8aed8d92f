// What the loops read: arrays in memory, whose first axis is the sample.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "graph/graph.h"

namespace keratin {

class Model;

// Inputs, targets and sample weights of one call of fit, evaluate or predict; all with the same
// first axis.
struct Dataset {
  std::vector<Tensor> x;
  std::vector<Tensor> y;              // empty for predict; else one for each output (with a loss)
  std::vector<Tensor> sample_weight;  // none, one for all outputs, or one for each output ([n])
  std::int64_t rows() const { return x.empty() || x[0].shape().empty() ? 0 : x[0].shape()[0]; }
  Dataset part(std::int64_t begin, std::int64_t end) const;  // of the rows, shared
};

// A source of batches, for data that is not one array: called for each batch in turn; returns false
// at the end.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual bool next(Dataset& batch) = 0;
  virtual void restart() = 0;  // before each epoch
};

// Class index -> weight, for each output; an empty map or none: all weigh 1.
using ClassWeights = std::vector<std::map<std::int64_t, double>>;

// A data set as the graph of a step takes it: checked, of the right ranks. The elements are as they
// were given, and converted batch by batch: the whole may be larger than memory (kt_npy_open).
struct Prepared {
  std::int64_t rows = 0;
  std::vector<Tensor> columns;  // in the order of the graph's inputs
  std::vector<DType> dtypes;    // of these inputs
  std::vector<Spec> inputs;     // the model's own inputs, as long as these are; batch axes unknown
  std::vector<Spec> targets;    // one for each output, of rank 0 where it has none
  std::vector<Spec> weights;    // none, one, or one for each output
  Prepared part(std::int64_t begin, std::int64_t end) const;  // of the rows, shared
};

// Throw kInvalidArgument naming the input or output, with the shapes expected and given.
Prepared prepare_inputs(Model& model, const Dataset& data);
Prepared prepare(Model& model, const Dataset& data, const ClassWeights& class_weight = {});

// Builds a Sequential model that has no Input yet for data of this shape.
void build_for_data(Model& model, const Dataset& data);

}  // namespace keratin
