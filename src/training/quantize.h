// Keras' model.quantize("int8"), and static quantization, which Keras does not have.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "training/data.h"

namespace keratin {

struct QuantizeOptions {
  // Inputs whose magnitudes give the scales of each layer's inputs. None: each call finds its own.
  std::optional<Dataset> calibration;
  double percentile = 100;  // of the magnitudes of a batch, the largest of all batches counting
  std::int64_t batch_size = 0;
  std::optional<std::vector<std::string>> layers;  // names, also of those around; none: all
};

// Dense, EinsumDense, Embedding and ReversibleEmbedding, also inside other layers; with calibration
// Conv1D, Conv2D and Conv3D, too. A model that is compiled is compiled anew. Throws kUnsupported
// for other modes, kState where the model is not built or a layer is quantized already.
// Nobody else may use the model meanwhile.
void quantize(const std::shared_ptr<Model>& model, const std::string& mode,
              const QuantizeOptions& options);

}  // namespace keratin
