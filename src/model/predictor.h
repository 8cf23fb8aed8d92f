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
  explicit Predictor(std::shared_ptr<const Plan> plan);

  const std::shared_ptr<const Plan>& plan() const { return workspace_.shared_plan(); }
  const std::vector<Spec>& inputs() const { return inputs_; }
  const std::vector<Spec>& outputs() const { return outputs_; }

  // Contiguous elements of the specs above; results overlap no input. Allocates nothing, takes no
  // lock, makes no system call.
  void run(const void* const* inputs, void* const* outputs);

 private:
  Workspace workspace_;
  std::vector<Spec> inputs_, outputs_;
};

}  // namespace keratin
