#include "training/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_set>

#include "core/error.h"
#include "model/compile.h"
#include "model/holders.h"
#include "nn/layers/heads_attention.h"
#include "training/feed.h"
#include "training/loop.h"

namespace keratin {
namespace {

using Form = Layer::Int8Form;

// A layer that holds no others, and whether it or one around it was named.
struct Leaf {
  LayerPtr layer;
  bool named;
};

void collect(const LayerPtr& layer, bool named, const QuantizeOptions& options,
             std::unordered_set<Layer*>& seen, std::vector<Leaf>& leaves,
             std::unordered_set<std::string>& found) {
  if (!seen.insert(layer.get()).second) return;
  if (options.layers && std::find(options.layers->begin(), options.layers->end(), layer->name) !=
                            options.layers->end()) {
    named = true;
    found.insert(layer->name);
  }
  const auto children = layer->children();
  if (children.empty()) leaves.push_back({layer, named});
  for (const auto& [name, child] : children)
    if (child) collect(child, named, options, seen, leaves, found);
}

// Those to quantize; as in Keras, layers that are made of others are not, but the others are.
std::vector<LayerPtr> chosen_layers(const ModelPtr& model, const QuantizeOptions& options) {
  std::vector<Leaf> leaves;
  std::vector<LayerPtr> chosen;
  std::unordered_set<Layer*> seen;
  std::unordered_set<std::string> found;
  collect(model, !options.layers, options, seen, leaves, found);
  if (options.layers)
    for (const std::string& name : *options.layers)
      if (!found.contains(name))
        fail(Code::kNotFound, "model '", model->name, "' has no layer '", name, "'");
  for (const auto& [layer, named] : leaves) {
    const Form form = layer->int8_form();
    const bool possible = layer->built() && (form == Form::kDynamic ||
                                             (form == Form::kStatic && options.calibration));
    const std::string who = concat("layer '", layer->name, "' (", layer->info().name, ")");
    if (!possible && options.layers && found.contains(layer->name))
      fail(Code::kUnsupported, who, " has no int8 form",
           form == Form::kStatic ? " without a calibration set" : "");
    if (!possible || !named) continue;
    if (layer->quantized()) fail(Code::kState, who, " is quantized already");
    if (policy_name(layer->dtype) != "float32")
      fail(Code::kUnsupported, who, ": only the dtype policy float32 can be quantized, got '",
           policy_name(layer->dtype), "'");
    chosen.push_back(layer);
  }
  require(!chosen.empty(), "model '", model->name, "' has no layer that can be quantized");
  return chosen;
}

// The magnitude that so many percent of the elements do not exceed.
float magnitude(std::vector<float>& x, double percentile) {
  for (float& value : x) {
    if (!std::isfinite(value)) return std::numeric_limits<float>::infinity();
    value = std::abs(value);
  }
  if (x.empty()) return 0;
  const auto place =
      static_cast<std::ptrdiff_t>(std::ceil(percentile / 100 * static_cast<double>(x.size())) - 1);
  const auto at = x.begin() + std::clamp<std::ptrdiff_t>(place, 0, std::ssize(x) - 1);
  std::nth_element(x.begin(), at, x.end());
  return *at;
}

// What reaches each layer: the largest magnitude over the calibration set.
std::map<Layer*, float> calibrate(Model& model, const std::vector<LayerPtr>& layers,
                                  const QuantizeOptions& options) {
  const Prepared data = prepare_inputs(model, *options.calibration);
  require(data.rows > 0, "the calibration set has no samples");
  Graph graph;
  CallContext context(graph);
  std::vector<std::pair<Layer*, Value>> observed;
  context.observed = &observed;
  std::vector<Value> inputs;
  for (const Spec& spec : data.inputs) inputs.push_back(graph.input("", spec));
  model.apply(context, inputs);
  std::vector<Layer*> owners;
  for (const auto& [layer, value] : observed) {
    const bool wanted = std::any_of(layers.begin(), layers.end(),
                                    [&, l = layer](const auto& p) { return p.get() == l; });
    // What stands within a loop over steps keeps to scales of its own.
    if (!wanted || &value.graph() != &graph || value.dtype() != DType::kFloat32) continue;
    owners.push_back(layer);
    graph.output(value);
  }
  std::map<Layer*, float> largest;
  if (owners.empty()) return largest;
  optimize(graph);
  const std::int64_t batch = std::min(options.batch_size > 0 ? options.batch_size : 32, data.rows);
  std::vector<float> elements;
  const auto rows_from = [&](std::int64_t begin, std::int64_t end, std::int64_t size) {
    if (begin == end) return;
    Workspace workspace(std::make_shared<const Plan>(graph, size));
    Converted converted(data, size);
    for (std::int64_t at = begin; at < end; at += size) {
      for (std::size_t i = 0; i < data.columns.size(); ++i) {
        const Tensor rows = data.columns[i].rows(at, at + size);
        workspace.set_input(int(i), converted.batch(i, rows.raw(), size));
      }
      workspace.run();
      for (std::size_t i = 0; i < owners.size(); ++i) {
        const auto* x = static_cast<const float*>(workspace.output(int(i)));
        const Spec& spec = workspace.plan().output_spec(int(i));
        elements.assign(x, x + element_count(spec.shape));
        float& most = largest[owners[i]];
        most = std::max(most, magnitude(elements, options.percentile));
      }
    }
  };
  const std::int64_t full = data.rows - data.rows % batch;
  rows_from(0, full, batch);
  rows_from(full, data.rows, data.rows - full);
  return largest;
}

// Keras' attention layers say in their own policies which layers inside them are quantized.
void note_quantized(Layer& layer) {
  if (auto* heads = dynamic_cast<HeadsAttention*>(&layer)) heads->note_quantized();
  for (const auto& [name, child] : layer.children())
    if (child) note_quantized(*child);
}

}  // namespace

void quantize(const ModelPtr& model, const std::string& mode, const QuantizeOptions& options) {
  require(model != nullptr, "quantize: the model is NULL");
  if (mode != "int8") {
    const bool known = mode == "int4" || mode == "float8" || mode == "gptq" || mode == "awq";
    fail(known ? Code::kUnsupported : Code::kInvalidArgument, "model '", model->name,
         "': the mode of quantization '", mode, "' is not ", known ? "supported" : "known",
         "; expected 'int8'");
  }
  require(options.percentile > 0 && options.percentile <= 100,
          "percentile: expected above 0 and up to 100, got ", options.percentile);
  check_not_negative("batch_size", options.batch_size);
  if (!model->built())
    fail(Code::kState, "model '", model->name, "' is not built: there is nothing to quantize");
  const std::vector<LayerPtr> layers = chosen_layers(model, options);
  std::map<Layer*, float> largest;
  if (options.calibration) largest = calibrate(*model, layers, options);
  for (const auto& [layer, most] : largest)
    require(std::isfinite(most), "layer '", layer->name,
            "': its inputs from the calibration set are not finite");
  std::vector<ModelPtr> changed;
  for (const LayerPtr& layer : layers) {
    const auto found = largest.find(layer.get());
    if (layer->int8_form() == Form::kStatic && found == largest.end()) continue;
    layer->quantize();
    for (const ModelPtr& holder : models_with(layer))
      if (std::find(changed.begin(), changed.end(), holder) == changed.end())
        changed.push_back(holder);
    if (const VariablePtr scale = layer->input_scale(); scale && found != largest.end())
      scale->value.data<float>()[0] = 127.0F / (found->second + 1e-7F);
  }
  note_quantized(*model);
  for (const ModelPtr& holder : changed) {
    holder->forget_plans();
    if (holder->compiled) holder->compiled = std::make_shared<Compiled>(holder->compiled->config());
  }
}

}  // namespace keratin
