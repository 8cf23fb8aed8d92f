#include "nn/layers/heads_attention.h"

#include <cmath>

#include "ops/attention.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/softmax.h"

namespace keratin {
namespace {

std::string letters(std::size_t first, std::size_t count) {
  std::string axes;
  for (std::size_t i = 0; i < count; ++i) axes += char('a' + int(first + i));
  return axes;
}

// 1 where it is not 0.
Value truth(Value mask, DType dtype) { return ops::cast(ops::cast(mask, DType::kBool), dtype); }

// Axes of one element between those in front and the last `behind`, up to this rank.
Value widened(Value mask, std::size_t rank, int behind) {
  while (mask.rank() < rank) mask = ops::expand_dims(mask, -behind - 1);
  return mask;
}

bool is_policy_map(const Json& dtype) {
  return dtype.is_object() && dtype.value("class_name", Json()) == "DTypePolicyMap" &&
         dtype.contains("config") && dtype["config"].is_object();
}

Json shape_json(const Shape& shape) {
  Json json = Json::array();
  for (const std::int64_t extent : shape)
    json.push_back(extent == kUnknown ? Json(nullptr) : Json(extent));
  return json;
}

}  // namespace

void HeadsAttention::configured() {
  const Json given = dtype;
  Layer::configured();
  if (is_policy_map(given)) dtype = given;
  require(!flash_attention.value_or(false) || dropout == 0, "layer '", name, "' (", info().name,
          "): there is no dropout with flash_attention");
}

void HeadsAttention::note_quantized() {
  Json policies = Json::object();
  for (const LayerPtr& part : {query_, key_, value_, gate_, output_})
    if (part && part->quantized()) {
      const std::string path = part->own_weights()[0].variable->path;
      policies["(.*/)?" + path.substr(0, path.rfind('/'))] = part->dtype;
    }
  if (policies.empty()) return;
  dtype = Json{{"module", "keras.dtype_policies"},
               {"class_name", "DTypePolicyMap"},
               {"config", {{"default_policy", nullptr}, {"policy_map", policies}}},
               {"registered_name", nullptr}};
}

Json HeadsAttention::policy_of(const std::string& part) const {
  if (!is_policy_map(dtype)) return dtype;
  const Json& config = dtype["config"];
  if (config.contains("policy_map") && config["policy_map"].is_object())
    for (const auto& [path, policy] : config["policy_map"].items())
      if (path == part || path.ends_with("/" + part)) return policy;
  return policy_name(dtype);
}

std::vector<std::string_view> HeadsAttention::call_parameters() const {
  return {"query",
          "value",
          "key",
          "query_mask",
          "value_mask",
          "key_mask",
          "attention_mask",
          "return_attention_scores",
          "use_causal_mask"};
}

std::vector<std::pair<std::string, LayerPtr>> HeadsAttention::children() const {
  std::vector<std::pair<std::string, LayerPtr>> all;
  const std::string before = prefix();
  const auto add = [&](std::string key, const LayerPtr& layer) {
    if (layer) all.emplace_back(std::move(key), layer);
  };
  add(before + "query_dense", query_);
  add(before + "key_dense", key_);
  add("_gate_dense", gate_);
  add(before + "value_dense", value_);
  add("_dropout_layer", dropout_);
  add(before + "output_dense", output_);
  return all;
}

Json HeadsAttention::build_config() const {
  if (!built()) return nullptr;
  static constexpr const char* kNames[] = {"query_shape", "value_shape", "key_shape"};
  Json shapes = Json::object();
  for (std::size_t i = 0; i < build_shapes().size(); ++i)
    shapes[kNames[i]] = shape_json(build_shapes()[i]);
  return {{"shapes_dict", shapes}};
}

LayerPtr HeadsAttention::projection(const char* part, const std::string& equation,
                                    const Shape& lead, Shape out, const std::string& bias_axes,
                                    const char* activation) const {
  Json output_shape = Json::array();
  for (std::size_t i = 1; i < lead.size(); ++i) output_shape.push_back(nullptr);
  for (const std::int64_t extent : out) output_shape.push_back(extent);
  Json config{{"name", part},
              {"dtype", policy_of(part)},
              {"equation", equation},
              {"output_shape", output_shape},
              {"activation", activation},
              {"kernel_initializer", serialize(kernel_initializer.get())},
              {"bias_initializer", serialize(bias_initializer.get())},
              {"kernel_regularizer", serialize(kernel_regularizer.get())},
              {"bias_regularizer", serialize(bias_regularizer.get())},
              {"activity_regularizer", serialize(inner_activity_regularizer.get())},
              {"kernel_constraint", serialize(kernel_constraint.get())},
              {"bias_constraint", serialize(bias_constraint.get())}};
  if (use_bias) config["bias_axes"] = bias_axes;
  return std::static_pointer_cast<Layer>(create("layers", "EinsumDense", config));
}

void HeadsAttention::build_projections(const Shape& query, const Shape& value, const Shape& key,
                                       Heads queries, Heads keys, Heads values,
                                       const Shape& output) {
  for (const Shape* shape : {&query, &value, &key})
    require(shape->size() >= 2, "expected inputs of rank 3 or more, got shape ", to_string(*shape));
  require(
      value.size() == key.size() && std::equal(value.begin() + 1, value.end() - 1, key.begin() + 1),
      "value and key differ before their last axes: ", to_string(value), " and ", to_string(key));
  const auto to_heads = [&](const char* part, const Shape& shape, Heads heads,
                            const char* activation = "linear") {
    const std::size_t n = shape.size() - 1;
    const std::string lead = letters(0, n), out = letters(n + 1, 2);
    LayerPtr layer =
        projection(part, lead + letters(n, 1) + "," + letters(n, 3) + "->" + lead + out,
                   {shape.begin(), shape.end() - 1}, {heads.count, heads.width}, out, activation);
    layer->ensure_built(std::span(&shape, 1));
    return layer;
  };
  query_ = to_heads("query", query, queries);
  key_ = to_heads("key", key, keys);
  const Heads gates{queries.count, values.width};
  if (use_gate) gate_ = to_heads("gate", query, gates, "sigmoid");
  value_ = to_heads("value", value, values);
  dropout_ = std::static_pointer_cast<Layer>(
      create("layers", "Dropout",
             {{"rate", dropout}, {"seed", seed.json}, {"dtype", policy_name(dtype)}}));
  Shape attended(query.begin(), query.end() - 1);
  const std::size_t n = attended.size();
  const std::string lead = letters(0, n), out = letters(n + 2, output.size());
  output_ = projection("attention_output",
                       lead + letters(n, 2) + "," + letters(n, 2) + out + "->" + lead + out,
                       attended, output, out);
  attended.push_back(queries.count);
  attended.push_back(values.width);
  output_->ensure_built(std::span(&attended, 1));
}

Value HeadsAttention::attention_mask(CallContext& context, std::span<const Value> inputs) const {
  const DType dtype = compute_dtype();
  Value mask;
  const auto both = [&](Value other) { mask = mask ? mask * other : other; };
  const auto given = [&](const char* argument, std::size_t input) -> Value {
    const auto found = context.arguments.find(argument);
    if (!found.empty() && (input > 0 || heeds_query_mask())) return truth(found[0], dtype);
    const Value mask = input < inputs.size() ? context.mask_of(inputs[input]) : Value{};
    return mask ? ops::cast(mask, dtype) : Value{};
  };
  if (const Value queries = given("query_mask", 0)) both(ops::expand_dims(queries, -1));
  if (const Value values = given("value_mask", 1)) both(ops::expand_dims(values, -2));
  if (const Value keys = given("key_mask", 2)) both(ops::expand_dims(keys, -2));
  const auto t = [&] { return ops::known_extent(inputs[0], 1); };
  const auto s = [&] { return ops::known_extent(inputs[1], 1); };
  const auto one = [](Value steps) { return ops::expand_dims(steps, 0); };
  if (sliding_window) both(one(ops::window_mask(context.graph, t(), s(), *sliding_window, dtype)));
  if (const auto found = context.arguments.find("attention_mask"); !found.empty())
    both(truth(found[0], dtype));
  return mask;
}

// Weights made, kept and dropped, for any axes; what comes out, and the weights.
std::vector<Value> HeadsAttention::scored(CallContext& context, Value query, Value key, Value value,
                                          Value mask) {
  const std::size_t rank = query.rank();
  const std::vector<int> over = axes();
  std::string target = letters(0, rank), source = target, scores;
  for (std::size_t i = 0; i < over.size(); ++i)
    source[std::size_t(over[i])] = char('a' + int(rank + i));
  for (std::size_t i = 0; i + 1 < rank; ++i)
    if (std::find(over.begin(), over.end(), int(i)) == over.end()) scores += target[i];
  std::vector<int> last;
  for (const int axis : over) scores += target[std::size_t(axis)];
  for (const int axis : over) {
    last.push_back(int(scores.size()));
    scores += source[std::size_t(axis)];
  }
  query = query * (1 / std::sqrt(double(scale_width())));
  Value weights = ops::einsum(source + "," + target + "->" + scores, {key, query});
  if (mask) {
    mask = widened(mask, weights.rank(), 2 * int(over.size()));
    weights = ops::where(mask, weights, -1e9);
  }
  weights = last.size() == 1 ? ops::softmax(weights)
                             : ops::exp(weights - ops::logsumexp(weights, last, true));
  if (mask) weights = ops::where(mask, weights, 0.0);
  const Value kept = dropout > 0 ? dropout_->apply(context, {{weights}})[0] : weights;
  return {ops::einsum(scores + "," + source + "->" + target, {kept, value}), weights};
}

std::vector<Value> HeadsAttention::call(CallContext& context, std::span<const Value> inputs) {
  const bool scores_wanted = context.arguments.flag("return_attention_scores");
  require(!scores_wanted || !flash_attention.value_or(false),
          "flash_attention cannot return the scores");
  Value mask = attention_mask(context, inputs);
  if (takes_masks())
    for (const Value& input : inputs) context.take_mask(input);
  const bool causal = context.arguments.flag("use_causal_mask");
  const auto projected = [&](const LayerPtr& layer, Value x) {
    return layer->apply(context, {{x}})[0];
  };
  const Value gate = use_gate ? projected(gate_, inputs[0]) : Value{};
  const Value query = projected(query_, inputs[0]);
  const Value key = projected(key_, inputs.back()), value = projected(value_, inputs[1]);
  std::vector<Value> outputs;
  if (dropout > 0 || scores_wanted || query.rank() != 4) {
    if (causal) {
      const Value past =
          ops::expand_dims(ops::causal_mask(context.graph, ops::known_extent(query, 1),
                                            ops::known_extent(value, 1), query.dtype()),
                           0);
      mask = mask ? mask * past : past;
    }
    const std::int64_t heads = ops::known_extent(query, -2);
    outputs = scored(context, query, ops::for_each_head(key, heads),
                     ops::for_each_head(value, heads), mask);
  } else {
    ops::AttentionScores scores;
    scores.scale = 1 / std::sqrt(double(scale_width()));
    scores.causal = causal;
    if (mask) scores.mask = widened(mask, 4, 2 * int(axes().size()));
    outputs = {ops::dot_product_attention(query, key, value, scores)};
  }
  if (use_gate) outputs[0] = outputs[0] * gate;
  outputs[0] = projected(output_, outputs[0]);
  if (!scores_wanted) outputs.resize(1);
  return outputs;
}

}  // namespace keratin
