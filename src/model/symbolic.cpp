#include "model/symbolic.h"

#include <atomic>

#include "core/error.h"
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
  Graph graph;
  CallContext context{graph, training.value_or(false), {}};
  std::vector<Value> values;
  for (const KerasTensor& tensor : inputs) values.push_back(graph.input("", tensor.spec()));
  auto node = new_call();
  node->layer = layer;
  node->inputs = inputs;
  node->training = training;
  for (const Value& value : layer->apply(context, values)) node->outputs.push_back(value.spec());
  std::vector<KerasTensor> outputs;
  for (std::size_t i = 0; i < node->outputs.size(); ++i)
    outputs.push_back({node, static_cast<int>(i)});
  return outputs;
}

}  // namespace keratin
