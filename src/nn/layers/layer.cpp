#include "nn/layers/layer.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "core/random.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin {
namespace {

constexpr std::string_view kMixedBFloat16 = "mixed_bfloat16";

struct GlobalPolicy {
  std::mutex mutex;
  std::string name = "float32";
};

GlobalPolicy& global_policy() {
  static GlobalPolicy instance;
  return instance;
}

// Other names are dtypes, of layers that compute with something else.
void check_policy(std::string_view policy) {
  const bool is_half = policy == "float16" || policy == "bfloat16";
  if (is_half || (policy.starts_with("mixed_") && policy != kMixedBFloat16))
    fail(Code::kUnsupported, "the dtype policy '", policy,
         "' is not supported; float32, float64 and mixed_bfloat16 are");
}

struct Names {
  std::mutex mutex;
  std::map<std::string, int> counts;
};

Names& names() {
  static Names instance;
  return instance;
}

// Runs fn; an error gets the layer's name in front, once.
template <class Fn>
auto naming(const Layer& layer, Fn&& fn) {
  try {
    return fn();
  } catch (const Error& error) {
    const std::string prefix = concat("layer '", layer.name, "' (", layer.info().name, "): ");
    const std::string message = error.what();
    fail(error.code(), message.starts_with(prefix) ? "" : prefix, message);
  }
}

Json shape_to_json(const Shape& shape) {
  Json json = Json::array();
  for (const std::int64_t extent : shape)
    json.push_back(extent == kUnknown ? Json(nullptr) : Json(extent));
  return json;
}

void append_unique(std::vector<Weight>& to, const std::vector<Weight>& from) {
  for (const Weight& weight : from)
    if (std::none_of(to.begin(), to.end(),
                     [&](const Weight& w) { return w.variable == weight.variable; }))
      to.push_back(weight);
}

// The variables of the layers inside.
void gather_inside(const Layer& layer, bool own, std::set<Variable*>& variables) {
  if (own) {
    for (const Weight& weight : layer.own_weights()) variables.insert(weight.variable.get());
    if (layer.seed_state()) variables.insert(layer.seed_state().get());
  }
  for (const auto& [path, child] : layer.children())
    if (child) gather_inside(*child, true, variables);
}

// A mask as masks are carried: 1 or 0.
Value as_mask(Value mask) {
  if (mask.dtype() != DType::kBool && is_floating(mask.dtype()))
    mask = ops::not_equal(mask, mask.graph().constant(0.0, mask.dtype()));
  else
    mask = ops::cast(mask, DType::kBool);
  return ops::cast(mask, DType::kFloat32);
}

void check_arguments(const Layer& layer, const CallArguments& arguments) {
  const std::vector<std::string_view> known = layer.call_parameters();
  const auto check = [&](std::string_view name) {
    require(name == "mask" || std::find(known.begin(), known.end(), name) != known.end(),
            "a call has no argument '", name, "'");
  };
  for (const auto& [name, values] : arguments.tensors) check(name);
  for (const auto& [name, value] : arguments.values.items()) check(name);
}

}  // namespace

void Layer::configured() {
  if (name.empty()) name = unique_name(info().name);
  naming(*this, [&] {
    require(name.find('/') == std::string::npos, "a layer's name cannot contain '/'");
    const std::string policy = dtype.is_null() ? dtype_policy() : policy_name(dtype);
    if (policy.find("_from_") != std::string::npos) {
      if (policy != "int8_from_float32" || int8_form() == Int8Form::kNone)
        fail(Code::kUnsupported, "the dtype policy '", policy, "' is not supported",
             int8_form() == Int8Form::kNone ? "" : "; of the quantized ones int8_from_float32 is");
      return set_quantized_policy();
    }
    check_policy(policy);
    dtype = Json{{"module", "keras"},
                 {"class_name", "DTypePolicy"},
                 {"config", {{"name", policy}}},
                 {"registered_name", nullptr}};
  });
}

void Layer::build_once(std::span<const Shape> inputs) {
  if (built_) return;
  build_shapes_.assign(inputs.begin(), inputs.end());
  std::set<Variable*> before, inside;
  gather_inside(*this, false, before);
  build(inputs);
  built_ = true;
  // What was made inside has its place there, as in Keras' paths.
  gather_inside(*this, false, inside);
  for (Variable* variable : inside)
    if (!before.contains(variable)) variable->path.insert(0, name + "/");
}

void Layer::ensure_built(std::span<const Shape> inputs) {
  naming(*this, [&] { build_once(inputs); });
}

std::span<const Value> CallArguments::find(std::string_view name) const {
  for (const auto& [key, found] : tensors)
    if (key == name) return found;
  return {};
}

bool CallArguments::flag(const char* name) const {
  if (!values.contains(name) || values[name].is_null()) return false;
  require(values[name].is_boolean(), "the argument '", name, "': expected true or false, got ",
          values[name].dump());
  return values[name].get<bool>();
}

Value CallContext::mask_of(Value value) const {
  for (auto entry = carried_.rbegin(); entry != carried_.rend(); ++entry)
    if (entry->value == value) return entry->mask;
  return {};
}

Value CallContext::mask_when_made(Value value) const {
  for (auto entry = carried_.rbegin(); entry != carried_.rend(); ++entry)
    if (entry->value == value) return entry->when_made;
  return {};
}

void CallContext::set_mask(Value value, Value mask, Value when_made) {
  if (!(mask == mask_of(value) && when_made == mask_when_made(value)))
    carried_.push_back({value, mask, when_made});
}

void CallContext::take_mask(Value value) { set_mask(value, {}, mask_when_made(value)); }

Value Layer::compute_mask(CallContext& context, std::span<const Value>) const {
  return context.masks.empty() ? Value{} : context.masks[0];
}

// The call with what it says of masks: those of the outputs, which must not become those of the
// inputs where a layer hands an input on. context.masks are those of when the model was made.
std::vector<Value> Layer::masked_call(CallContext& context, std::span<const Value> inputs,
                                      std::vector<Value>& masks_of_run) {
  std::vector<Value> outputs = call(context, inputs);
  const bool supports = supports_masking();
  if (supports && std::all_of(outputs.begin(), outputs.end(), [&](const Value& output) {
        return std::find(inputs.begin(), inputs.end(), output) == inputs.end() &&
               context.mask_of(output);
      }))
    return outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Value& output = outputs[i];
    const bool handed_on = std::find(inputs.begin(), inputs.end(), output) != inputs.end();
    const Value carried = context.mask_of(output);
    if (!handed_on && carried) continue;
    const Value when_made = supports && i == 0 ? compute_mask(context, inputs) : Value{};
    Value mask = when_made;
    if (when_made && masks_of_run != context.masks) {
      std::swap(context.masks, masks_of_run);
      mask = compute_mask(context, inputs);
      std::swap(context.masks, masks_of_run);
    }
    if (carried == mask && context.mask_when_made(output) == when_made) continue;
    if (handed_on) output = ops::reshape(output, output.shape());
    context.set_mask(output, mask, when_made);
  }
  return outputs;
}

std::vector<Value> Layer::apply(CallContext& context, std::span<const Value> inputs,
                                CallArguments arguments) {
  return naming(*this, [&] {
    const auto [least, most] = input_count();
    const int count = int(inputs.size());
    require(count >= least && count <= most, "expected ",
            least == most ? concat(least) : concat("at least ", least), " input",
            least == 1 ? "" : "s", ", got ", count);
    std::vector<Value> cast(inputs.begin(), inputs.end()), masks, masks_of_run;
    const auto to_compute_dtype = [&](Value& value) {
      if (value && autocast() && is_floating(value.dtype()))
        value = ops::cast(value, compute_dtype());
    };
    check_arguments(*this, arguments);
    for (Value& value : cast) {
      masks_of_run.push_back(context.mask_of(value));
      masks.push_back(context.mask_when_made(value));
      to_compute_dtype(value);
      context.set_mask(value, masks_of_run.back(), masks.back());
    }
    for (auto& [key, values] : arguments.tensors)
      for (Value& value : values) to_compute_dtype(value);
    const std::span<const Value> given = arguments.find("mask");
    require(given.empty() || (int(given.size()) >= least && int(given.size()) <= most), "got ",
            given.size(), " masks for ", masks.size(), " inputs");
    for (std::size_t i = 0; i < std::min(given.size(), masks.size()); ++i)
      masks[i] = masks_of_run[i] = given[i] ? as_mask(given[i]) : Value{};
    std::vector<Shape> shapes;
    for (const Value& value : cast) shapes.push_back(value.shape());
    build_once(shapes);
    if (context.observed && !cast.empty()) context.observed->emplace_back(this, cast[0]);

    std::swap(context.arguments, arguments);
    std::swap(context.masks, masks);
    const bool mixed = policy_name(dtype) == kMixedBFloat16;
    const PrecisionScope scope(context.graph, mixed ? Precision::kBFloat16 : Precision::kFull);
    const bool outside = std::exchange(context.graph.recompute_activations,
                                       remat_.mode == Remat::Mode::kActivations);
    const std::size_t first = context.graph.nodes().size();
    ++context.depth;
    std::vector<Value> outputs = masked_call(context, cast, masks_of_run);
    --context.depth;
    context.graph.recompute_activations = outside;
    // To compute the whole model again would save nothing.
    if (context.depth > 0 && remat_.takes(name, outputs)) context.graph.recompute(first);
    std::swap(context.arguments, arguments);
    std::swap(context.masks, masks);
    if (activity_regularizer)
      for (const Value& output : outputs) {
        const Value loss = activity_regularizer->call(output);
        context.losses.push_back(output.rank() ? loss / ops::count(output, {0}) : loss);
      }
    return outputs;
  });
}

void Layer::adapt(const Tensor&) {
  fail(Code::kUnsupported, "layer '", name, "' (", info().name,
       ") learns nothing from data by adapt");
}

std::vector<Weight> Layer::own_weights() const {
  std::vector<Weight> all = trainable_;
  all.insert(all.end(), non_trainable_.begin(), non_trainable_.end());
  return all;
}

std::vector<Weight> Layer::weights() const {
  std::vector<Weight> all = own_weights();
  for (const auto& [path, child] : children()) append_unique(all, child->weights());
  return all;
}

std::vector<Weight> Layer::trainable_weights() const {
  if (!trainable) return {};
  std::vector<Weight> all;
  for (const Weight& weight : own_weights())
    if (weight.variable->trainable) all.push_back(weight);
  for (const auto& [path, child] : children()) append_unique(all, child->trainable_weights());
  return all;
}

void Layer::set_trainable(bool value) {
  trainable = value;
  for (const auto& [path, child] : children()) child->set_trainable(value);
}

Json Layer::build_config() const {
  if (!built_ || build_shapes_.empty()) return nullptr;
  if (!takes_list()) return {{"input_shape", shape_to_json(build_shapes_[0])}};
  Json shapes = Json::array();
  for (const Shape& shape : build_shapes_) shapes.push_back(shape_to_json(shape));
  return {{"input_shape", shapes}};
}

VariablePtr Layer::add_weight(std::string weight_name, Shape shape,
                              const InitializerPtr& initializer, bool trainable_weight,
                              RegularizerPtr regularizer, ConstraintPtr constraint,
                              std::optional<DType> weight_dtype) {
  require(is_static(shape), "the weight '", weight_name, "' cannot be made: its shape ",
          to_string(shape), " is not known");
  const InitializerPtr init = WithoutInitialValues::is_on ? zeros()
                              : initializer               ? initializer
                                                          : glorot_uniform();
  auto variable = std::make_shared<Variable>(
      weight_name, (*init)(shape, weight_dtype.value_or(compute_dtype())), trainable_weight);
  variable->path = name + "/" + weight_name;
  (trainable_weight ? trainable_ : non_trainable_)
      .push_back({variable, std::move(regularizer), std::move(constraint)});
  return variable;
}

void Layer::share_weight(const Weight& weight) {
  (weight.variable->trainable ? trainable_ : non_trainable_).push_back(weight);
}

void Layer::add_seed_state(std::optional<std::int64_t> seed) {
  const std::uint32_t key = seed ? std::uint32_t(*seed) : next_global_seed();
  seed_state_ = std::make_shared<Variable>("seed_generator_state",
                                           Tensor::of<std::uint32_t>({2}, {key, 0}), false);
  seed_state_->path = name + "/seed_generator/seed_generator_state";
  seed_state_->is_seed_state = true;
}

DType Layer::compute_dtype() const {
  const std::string policy = policy_name(dtype);
  if (policy == "float32" || policy == kMixedBFloat16 || policy == "int8_from_float32")
    return DType::kFloat32;
  if (policy == "float64") return DType::kFloat64;
  fail(Code::kUnsupported, "cannot compute in '", policy,
       "'; float32, float64 and mixed_bfloat16 are supported");
}

std::string unique_name(std::string_view class_name) {
  const std::string base = to_snake_case(class_name);
  std::lock_guard lock(names().mutex);
  const int count = names().counts[base]++;
  return count ? concat(base, "_", count) : base;
}

void reset_names() {
  std::lock_guard lock(names().mutex);
  names().counts.clear();
}

void set_dtype_policy(std::string_view name) {
  require(name == "float32" || name == "float64" || name == "float16" || name == "bfloat16" ||
              name == "mixed_float16" || name == kMixedBFloat16,
          "expected the name of a dtype policy, got '", name, "'");
  check_policy(name);
  std::lock_guard lock(global_policy().mutex);
  global_policy().name = name;
}

std::string dtype_policy() {
  std::lock_guard lock(global_policy().mutex);
  return global_policy().name;
}

std::string policy_name(const Json& dtype) {
  if (dtype.is_null()) return "float32";
  if (dtype.is_string()) return dtype.get<std::string>();
  const bool is_policy = dtype.is_object() && dtype.contains("config") &&
                         dtype["config"].is_object() && dtype["config"].contains("name") &&
                         dtype["config"]["name"].is_string();
  if (dtype.is_object() && dtype.value("class_name", Json()) == "DTypePolicyMap") {
    // Of layers inside; what it says of others is their default.
    const Json config = dtype.value("config", Json::object());
    require(config.is_object(), "expected a serialized DTypePolicyMap, got ", dtype.dump());
    return policy_name(config.value("default_policy", Json()));
  }
  if (dtype.is_object() && dtype.contains("config") && dtype["config"].is_object() &&
      dtype["config"].value("source_name", Json()).is_string() &&
      dtype["config"].value("mode", Json()).is_string())
    return concat(dtype["config"]["mode"].get<std::string>(), "_from_",
                  dtype["config"]["source_name"].get<std::string>());
  require(is_policy, "expected the name of a dtype policy or a serialized DTypePolicy, got ",
          dtype.dump());
  return dtype["config"]["name"].get<std::string>();
}

}  // namespace keratin
