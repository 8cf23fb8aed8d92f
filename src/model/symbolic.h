// Symbolic tensors of a functional model: what a layer's call gives before there are numbers. A
// KerasTensor remembers its node, so that a Model can be cut out between inputs and outputs.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/json.h"
#include "nn/layers/layer.h"

namespace keratin {

struct CallNode;

struct KerasTensor {
  std::shared_ptr<CallNode> node;
  int index = 0;  // which output of the call
  const Spec& spec() const;
};

// One call of a layer. Input layers have a call without inputs.
struct CallNode {
  LayerPtr layer;
  std::vector<KerasTensor> inputs;  // all tensors that the call is given
  Json form;                        // how it is given them (call_form.h), and what else
  std::vector<Spec> outputs;
  std::uint64_t number = 0;  // grows with each call made in the process
};

// A placeholder: shape without the batch axis. Its layer is an InputLayer.
KerasTensor make_input(const Shape& shape, DType dtype = DType::kFloat32,
                       const std::string& name = {});

// Calls the layer on symbolic tensors: checks, builds its weights, infers the results' shapes.
// `training` as in Keras' layer(x, training=...).
std::vector<KerasTensor> call_layer(const LayerPtr& layer, const std::vector<KerasTensor>& inputs,
                                    std::optional<bool> training = {});
// The same with arguments in any form (call_form.h), tensors among them.
std::vector<KerasTensor> call_layer(const LayerPtr& layer, const std::vector<KerasTensor>& tensors,
                                    Json form);

// The placeholder of an InputLayer that was made elsewhere.
KerasTensor input_of(const LayerPtr& input_layer);

}  // namespace keratin
