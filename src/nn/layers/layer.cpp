#include "nn/layers/layer.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "core/random.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

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

}  // namespace

void Layer::configured() {
  if (name.empty()) name = unique_name(info().name);
  naming(*this, [&] {
    require(name.find('/') == std::string::npos, "a layer's name cannot contain '/'");
    const std::string policy = policy_name(dtype);
    if (policy.starts_with("mixed_") || policy == "float16" || policy == "bfloat16")
      fail(Code::kUnsupported, "the dtype policy '", policy,
           "' is not supported; float32 and float64 are");
    dtype = Json{{"module", "keras"},
                 {"class_name", "DTypePolicy"},
                 {"config", {{"name", policy}}},
                 {"registered_name", nullptr}};
  });
}

void Layer::build_once(std::span<const Shape> inputs) {
  if (built_) return;
  build_shapes_.assign(inputs.begin(), inputs.end());
  build(inputs);
  built_ = true;
}

void Layer::ensure_built(std::span<const Shape> inputs) {
  naming(*this, [&] { build_once(inputs); });
}

std::vector<Value> Layer::apply(CallContext& context, std::span<const Value> inputs) {
  return naming(*this, [&] {
    const auto [least, most] = input_count();
    const int count = int(inputs.size());
    require(count >= least && count <= most, "expected ",
            least == most ? concat(least) : concat("at least ", least), " input",
            least == 1 ? "" : "s", ", got ", count);
    std::vector<Value> cast(inputs.begin(), inputs.end());
    if (autocast())
      for (Value& value : cast)
        if (is_floating(value.dtype())) value = ops::cast(value, compute_dtype());
    std::vector<Shape> shapes;
    for (const Value& value : cast) shapes.push_back(value.shape());
    build_once(shapes);

    std::vector<Value> outputs = call(context, cast);
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
  const InitializerPtr init = initializer ? initializer : glorot_uniform();
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
  if (policy == "float32") return DType::kFloat32;
  if (policy == "float64") return DType::kFloat64;
  fail(Code::kUnsupported, "cannot compute in '", policy, "'; float32 and float64 are supported");
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

std::string policy_name(const Json& dtype) {
  if (dtype.is_null()) return "float32";
  if (dtype.is_string()) return dtype.get<std::string>();
  const bool is_policy = dtype.is_object() && dtype.contains("config") &&
                         dtype["config"].is_object() && dtype["config"].contains("name") &&
                         dtype["config"]["name"].is_string();
  require(is_policy, "expected the name of a dtype policy or a serialized DTypePolicy, got ",
          dtype.dump());
  return dtype["config"]["name"].get<std::string>();
}

}  // namespace keratin
