// Predictions for callers who must not wait: one batch size, the caller's memory, a copy of the
// weights, one thread.
#pragma once

#include <memory>
#include <vector>

#include "model/model.h"

namespace keratin {

class Predictor {
 public:
  // Copies the weights of the model, which must be built; nobody may train it meanwhile.
  // `shapes` has none, or one for each input: its extents without the batch axis, all known. Throws
  // kInvalidArgument naming the input; kUnsupported for strings.
  Predictor(Model& model, std::int64_t batch, const std::vector<Shape>& shapes);
  // Another one that shares the copy of the weights; also while the first runs.
  Predictor clone() const { return Predictor(workspace_.shared_plan(), times_); }

  const std::vector<Spec>& inputs() const { return inputs_; }
  const std::vector<Spec>& outputs() const { return outputs_; }

  // Contiguous elements of the specs above; results overlap no input. Allocates nothing, takes no
  // lock, makes no system call.
  void run(const void* const* inputs, void* const* outputs);

 private:
  Predictor(std::shared_ptr<const Plan> plan, std::int64_t times);
  Workspace workspace_;  // for some rows at a time
  std::int64_t times_;   // to the batch
  std::vector<Spec> inputs_, outputs_;
  std::vector<std::size_t> input_bytes_, output_bytes_;  // of the rows of one time
};

}  // namespace keratin
