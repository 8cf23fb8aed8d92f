#include "model/symbolic.h"

#include <algorithm>
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

namespace {

bool has_unknown_lengths(const KerasTensor& tensor) {
  const Shape& shape = tensor.spec().shape;
  return !shape.empty() && std::find(shape.begin() + 1, shape.end(), kUnknown) != shape.end();
}

// The tensors as inputs of a graph; unknown extents, but for the batch axis, are `length`.
std::vector<Value> as_inputs(Graph& graph, const std::vector<KerasTensor>& tensors,
                             std::int64_t length) {
  std::vector<Value> values;
  for (const KerasTensor& tensor : tensors) {
    Spec spec = tensor.spec();
    if (!spec.shape.empty())
      std::replace(spec.shape.begin() + 1, spec.shape.end(), kUnknown, length);
    values.push_back(graph.input("", std::move(spec)));
  }
  return values;
}

// What the call gives where unknown extents, but for the batch axis, are `length`.
std::vector<Spec> outputs_for(Layer& layer, const std::vector<KerasTensor>& tensors,
                              const Json& form, std::int64_t length) {
  Graph graph;
  BoundCall call = bind_call(layer, form, as_inputs(graph, tensors, length));
  CallContext context(graph, call.training.value_or(false));
  std::vector<Spec> outputs;
  for (const Value& value : layer.apply(context, call.inputs, std::move(call.arguments)))
    outputs.push_back(value.spec());
  return outputs;
}

void build_for(Layer& layer, const std::vector<KerasTensor>& tensors, const Json& form) {
  Graph graph;
  const BoundCall call = bind_call(layer, form, as_inputs(graph, tensors, kUnknown));
  std::vector<Shape> shapes;
  for (const Value& value : call.inputs) shapes.push_back(value.shape());
  layer.ensure_built(shapes);
}

// Unknown lengths are tried with two values, as Keras does: what differs is unknown after the call.
std::vector<Spec> outputs_of(Layer& layer, const std::vector<KerasTensor>& tensors,
                             const Json& form) {
  if (std::none_of(tensors.begin(), tensors.end(), has_unknown_lengths))
    return outputs_for(layer, tensors, form, kUnknown);
  build_for(layer, tensors, form);
  std::vector<Spec> outputs = outputs_for(layer, tensors, form, 83);
  const std::vector<Spec> others = outputs_for(layer, tensors, form, 89);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    require(outputs[i].shape.size() == others[i].shape.size(), "layer '", layer.name,
            "': the rank of its output depends on an unknown extent");
    for (std::size_t axis = 0; axis < outputs[i].shape.size(); ++axis)
      if (outputs[i].shape[axis] != others[i].shape[axis]) outputs[i].shape[axis] = kUnknown;
  }
  return outputs;
}

}  // namespace

std::vector<KerasTensor> call_layer(const LayerPtr& layer, const std::vector<KerasTensor>& tensors,
                                    Json form) {
  auto node = new_call();
  node->layer = layer;
  node->inputs = tensors;
  node->outputs = outputs_of(*layer, tensors, form);
  node->form = std::move(form);
  std::vector<KerasTensor> outputs;
  for (std::size_t i = 0; i < node->outputs.size(); ++i)
    outputs.push_back({node, static_cast<int>(i)});
  return outputs;
}

}  // namespace keratin
