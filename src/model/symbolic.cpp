#include "model/symbolic.h"

#include <atomic>

#include "core/error.h"
#include "model/call_form.h"
#include "nn/layers/input_layer.h"

namespace keratin {
namespace {

std::shared_ptr<CallNode> new_call() {
  static std::atomic<std::uint64_t> count{0};
  auto node = std::make_shared<CallNode>();
  node->number = ++count;
  return node;
}

}  // namespace

const Spec& KerasTensor::spec() const { return node->outputs[static_cast<std::size_t>(index)]; }

KerasTensor make_input(const Shape& shape, DType dtype, const std::string& name) {
  Json extents = Json::array({nullptr});
  for (const std::int64_t extent : shape)
    extents.push_back(extent == kUnknown ? Json(nullptr) : Json(extent));
  Json config{{"batch_shape", extents}, {"dtype", name_of(dtype)}};
  if (!name.empty()) config["name"] = name;
  return input_of(std::static_pointer_cast<Layer>(create("layers", "InputLayer", config)));
}

KerasTensor input_of(const LayerPtr& input_layer) {
  const auto* input = dynamic_cast<const InputLayer*>(input_layer.get());
  require(input, "layer '", input_layer->name, "' is no InputLayer");
  auto node = new_call();
  node->layer = input_layer;
  node->outputs = {input->spec()};
  return {std::move(node), 0};
}

std::vector<KerasTensor> call_layer(const LayerPtr& layer, const std::vector<KerasTensor>& inputs,
                                    std::optional<bool> training) {
  return call_layer(layer, inputs, plain_form(*layer, inputs.size(), training));
}

std::vector<KerasTensor> call_layer(const LayerPtr& layer, const std::vector<KerasTensor>& tensors,
                                    Json form) {
  Graph graph;
  std::vector<Value> values;
  for (const KerasTensor& tensor : tensors) values.push_back(graph.input("", tensor.spec()));
  BoundCall call = bind_call(*layer, form, values);
  CallContext context(graph, call.training.value_or(false));
  auto node = new_call();
  node->layer = layer;
  node->inputs = tensors;
  node->form = std::move(form);
  for (const Value& value : layer->apply(context, call.inputs, std::move(call.arguments)))
    node->outputs.push_back(value.spec());
  std::vector<KerasTensor> outputs;
  for (std::size_t i = 0; i < node->outputs.size(); ++i)
    outputs.push_back({node, static_cast<int>(i)});
  return outputs;
}

}  // namespace keratin
