#include "model/model.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "core/error.h"
#include "graph/rows.h"
#include "model/call_form.h"
#include "model/holders.h"
#include "model/topology.h"
#include "nn/layers/snake_name.h"

namespace keratin {

// The graphs that predict, one for each form of the inputs, and their plans by batch size.
struct Model::Plans {
  static constexpr std::size_t kMost = 16;  // forms, and batch sizes of each, that are remembered
  struct Form {
    std::vector<Spec> inputs;
    std::unique_ptr<Graph> graph;
    bool apart;  // rows_are_apart
    std::map<std::int64_t, std::shared_ptr<const Plan>> by_batch;
    std::optional<std::int64_t> row_bytes;  // of a plan's arena, for each row
    std::int64_t weight_bytes = 0;
  };
  Form& form_of(Model& model, std::vector<Spec> specs);  // none given: the model's own
  std::mutex mutex;
  std::vector<Form> forms;  // the latest last
};

Model::Model(bool sequential, std::string model_name)
    : sequential_(sequential), plans_(std::make_unique<Plans>()) {
  name = model_name.empty() ? unique_name(sequential ? "Sequential" : "Functional")
                            : std::move(model_name);
  if (sequential) dtype = dtype_policy();
}

Model::~Model() = default;

ModelPtr Model::functional(std::vector<KerasTensor> inputs, std::vector<KerasTensor> outputs,
                           std::string name) {
  require(!inputs.empty(), "a model needs at least one input");
  require(!outputs.empty(), "a model needs at least one output");
  ModelPtr model(new Model(false, std::move(name)));
  model->connect(std::move(inputs), std::move(outputs));
  return model;
}

ModelPtr Model::sequential(std::vector<LayerPtr> layers, std::string name) {
  ModelPtr model(new Model(true, std::move(name)));
  for (LayerPtr& layer : layers) {
    if (layer->info().name == "InputLayer" && !model->input_layer_ && model->layers_.empty())
      model->input_layer_ = std::move(layer);
    else
      model->layers_.push_back(std::move(layer));
  }
  add_holder(model->layers_, model);
  model->chain();
  return model;
}

void Model::add(LayerPtr layer) {
  if (!sequential_)
    fail(Code::kState, "model '", name, "' is not Sequential: layers cannot be added to it");
  if (compiled)
    fail(Code::kState, "model '", name, "' is compiled: layers cannot be added to it any more");
  require(std::none_of(layers_.begin(), layers_.end(),
                       [&](const LayerPtr& l) { return l->name == layer->name; }),
          "model '", name, "' has a layer named '", layer->name, "' already");
  if (layer->info().name == "InputLayer") {
    require(!input_layer_ && layers_.empty(), "model '", name,
            "': an InputLayer can only come first");
    input_layer_ = std::move(layer);
    return;
  }
  layers_.push_back(std::move(layer));
  try {
    chain();
  } catch (...) {
    layers_.pop_back();
    throw;
  }
  add_holder({layers_.back()}, weak_from_this());
}

void Model::build_for(const Spec& input) {
  if (!sequential_) return;
  if (input_layer_) {
    const Spec known = input_of(input_layer_).spec();
    require(compatible(known.shape, input.shape), "model '", name, "' takes inputs of shape ",
            to_string(known.shape), ", got ", to_string(input.shape));
    return;
  }
  require(!layers_.empty(), "model '", name, "' has no layers");
  require(!input.shape.empty(), "model '", name, "': the input needs a batch axis");
  input_layer_ =
      make_input(Shape(input.shape.begin() + 1, input.shape.end()), input.dtype).node->layer;
  try {
    chain();
  } catch (...) {
    input_layer_.reset();
    throw;
  }
}

void Model::chain() {
  if (!input_layer_ || layers_.empty()) return;
  const KerasTensor input = input_of(input_layer_);
  KerasTensor output = input;
  for (const LayerPtr& layer : layers_) {
    std::vector<KerasTensor> results = call_layer(layer, {output});
    require(results.size() == 1, "layer '", layer->name, "' has ", results.size(),
            " outputs; in a Sequential model each layer has one");
    output = results[0];
  }
  connect({input}, {output});
}

void Model::connect(std::vector<KerasTensor> inputs, std::vector<KerasTensor> outputs) {
  Topology topology = sort_calls(inputs, outputs);
  if (!sequential_) {
    layers_ = std::move(topology.layers);
    add_holder(layers_, weak_from_this());
  }
  nodes_ = std::move(topology.nodes);
  inputs_ = std::move(inputs);
  outputs_ = std::move(outputs);
  std::vector<Shape> shapes;
  for (const KerasTensor& input : inputs_) shapes.push_back(input.spec().shape);
  ensure_built(shapes);
  forget_plans();
}

void Model::build(std::span<const Shape> inputs) {
  if (outputs_.empty() && !inputs.empty()) build_for({compute_dtype(), inputs[0]});
}

const Model& Model::connected() const {
  if (outputs_.empty())
    fail(Code::kState, "model '", name,
         "' is not built: give it an Input, or build it for an input shape");
  return *this;
}

LayerPtr Model::get_layer(const std::string& layer_name) const {
  std::string known;
  for (const LayerPtr& layer : layers_) {
    if (layer->name == layer_name) return layer;
    known += (known.empty() ? "" : ", ") + layer->name;
  }
  fail(Code::kNotFound, "model '", name, "' has no layer named '", layer_name, "'; it has ", known);
}

namespace {
template <class Of>
auto collect(const std::vector<KerasTensor>& tensors, Of of) {
  std::vector<decltype(of(tensors[0]))> all;
  for (const KerasTensor& tensor : tensors) all.push_back(of(tensor));
  return all;
}
Spec spec_of(const KerasTensor& tensor) { return tensor.spec(); }
std::string layer_name_of(const KerasTensor& tensor) { return tensor.node->layer->name; }
}  // namespace

std::vector<Spec> Model::input_specs() const { return collect(connected().inputs_, spec_of); }
std::vector<Spec> Model::output_specs() const { return collect(connected().outputs_, spec_of); }
std::vector<std::string> Model::input_names() const {
  return collect(connected().inputs_, layer_name_of);
}
std::vector<std::string> Model::output_names() const {
  return collect(connected().outputs_, layer_name_of);
}

std::int64_t Model::count_params() const {
  std::int64_t count = 0;
  for (const Weight& weight : weights()) count += weight.variable->value.size();
  return count;
}

std::pair<int, int> Model::input_count() const {
  const int count = inputs_.empty() ? 1 : static_cast<int>(inputs_.size());
  return {count, count};
}

std::vector<Value> Model::call(CallContext& context, std::span<const Value> inputs) {
  connected();
  for (std::size_t i = 0; i < inputs.size(); ++i) context.set_mask(inputs[i], context.masks[i]);
  std::unordered_map<const CallNode*, std::vector<Value>> results;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Shape& expected = inputs_[i].spec().shape;
    const bool ahead =  // a layer made numbers of the text before (nn/layers/works_ahead.h)
        inputs_[i].spec().dtype == DType::kString && inputs[i].dtype() != DType::kString;
    require(ahead || compatible(inputs[i].shape(), expected), "input '", layer_name_of(inputs_[i]),
            "': expected shape ", to_string(expected), ", got ", to_string(inputs[i].shape()));
    results[inputs_[i].node.get()] = {inputs[i]};
  }
  for (const auto& node : nodes_) {
    if (node->inputs.empty()) continue;
    std::vector<Value> operands;
    for (const KerasTensor& input : node->inputs)
      operands.push_back(results.at(input.node.get())[static_cast<std::size_t>(input.index)]);
    // As in Keras, the mode of the run goes before an argument `training` of the call.
    BoundCall call = bind_call(*node->layer, node->form, operands);
    results[node.get()] = node->layer->apply(context, call.inputs, std::move(call.arguments));
  }
  std::vector<Value> outputs;
  for (const KerasTensor& output : outputs_)
    outputs.push_back(results.at(output.node.get())[static_cast<std::size_t>(output.index)]);
  return outputs;
}

std::vector<std::pair<std::string, LayerPtr>> Model::children() const {
  // Keras' files number layers of one class in the order in which they stand.
  std::map<std::string, int> used;
  std::vector<std::pair<std::string, LayerPtr>> named;
  for (const LayerPtr& layer : layers_) {
    const std::string base = snake_name(layer->info());
    const int number = used[base]++;
    named.emplace_back(number ? concat("layers/", base, "_", number) : "layers/" + base, layer);
  }
  return named;
}

std::uint64_t Model::weights_hash() const {
  std::uint64_t hash = 14695981039346656037u;
  const auto mix = [&](const void* data, std::size_t size) {
    for (const auto* byte = static_cast<const unsigned char*>(data); size > 0; ++byte, --size)
      hash = (hash ^ *byte) * 1099511628211u;
  };
  for (const Weight& weight : weights()) {
    const Tensor& value = weight.variable->value;
    const auto dtype = static_cast<unsigned char>(value.dtype());
    mix(&dtype, 1);
    mix(value.shape().data(), value.shape().size() * sizeof(std::int64_t));
    mix(value.raw(), value.bytes());
  }
  return hash;
}

Model::Plans::Form& Model::Plans::form_of(Model& model, std::vector<Spec> specs) {
  if (specs.empty()) specs = model.input_specs();
  const auto known =
      std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return f.inputs == specs; });
  if (known != forms.end()) {
    std::rotate(known, std::next(known), forms.end());
    return forms.back();
  }
  auto graph = std::make_unique<Graph>();
  CallContext context(*graph);
  std::vector<Value> inputs;
  for (std::size_t i = 0; i < specs.size(); ++i)
    inputs.push_back(graph->input(layer_name_of(model.inputs_[i]), specs[i]));
  for (const Value& output : model.apply(context, inputs)) graph->output(output);
  optimize(*graph);
  const bool apart = rows_are_apart(*graph);
  if (forms.size() >= kMost) forms.erase(forms.begin());
  forms.push_back({std::move(specs), std::move(graph), apart, {}, {}});
  return forms.back();
}

std::shared_ptr<const Plan> Model::frozen_plan(std::int64_t batch, std::vector<Spec> specs) {
  connected();
  std::lock_guard lock(plans_->mutex);
  const Plans::Form& form = plans_->form_of(*this, std::move(specs));
  return std::make_shared<const Plan>(*form.graph, batch, Plan::Variables::kFrozen);
}

std::shared_ptr<const Plan> Model::predict_plan(std::int64_t batch, std::vector<Spec> specs) {
  connected();
  std::lock_guard lock(plans_->mutex);
  Plans::Form& form = plans_->form_of(*this, std::move(specs));
  if (const auto found = form.by_batch.find(batch); found != form.by_batch.end())
    return found->second;
  auto plan = std::make_shared<const Plan>(*form.graph, batch);
  if (form.by_batch.size() >= Plans::kMost) form.by_batch.clear();
  form.by_batch[batch] = plan;
  return plan;
}

std::int64_t Model::rows_at_a_time(std::int64_t batch, std::vector<Spec> specs) {
  constexpr std::int64_t kCache = 2 * 1024 * 1024;  // bytes between the layers that stay in reach
  constexpr std::int64_t kFew = 16;                 // rows that products want
  constexpr std::int64_t kProbe = 8;
  if (batch < 2 * kFew) return batch;
  connected();
  std::lock_guard lock(plans_->mutex);
  Plans::Form& form = plans_->form_of(*this, std::move(specs));
  if (!form.apart) return batch;
  if (!form.row_bytes) {
    const Plan probe(*form.graph, kProbe);
    form.row_bytes = std::max<std::int64_t>(1, std::int64_t(probe.arena_bytes()) / kProbe);
    for (const Weight& weight : weights())
      form.weight_bytes += std::int64_t(weight.variable->value.bytes());
  }
  // All weights are read once for these rows: they should not weigh much more than what is between.
  const std::int64_t most =
      std::max({kFew, kCache / *form.row_bytes, form.weight_bytes / (4 * *form.row_bytes)});
  if (batch < 2 * most) return batch;
  // The divisor that is nearest, from above or below.
  std::int64_t rows = most;
  while (batch % rows != 0 && 2 * rows < 3 * most) ++rows;
  if (batch % rows != 0) rows = most;
  while (batch % rows != 0) --rows;
  return 2 * rows >= most ? rows : batch;
}

void Model::forget_plans() {
  std::lock_guard lock(plans_->mutex);
  plans_->forms.clear();
}

}  // namespace keratin
