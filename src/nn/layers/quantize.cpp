#include "nn/layers/quantize.h"

#include <algorithm>
#include <cmath>

#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/shape.h"

namespace keratin {
namespace {

Json serialized(const char* module, const char* class_name, Json config) {
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

bool is_class(const Json& json, const char* class_name) {
  return json.is_object() && json.value("class_name", Json()) == class_name &&
         json.contains("config") && json["config"].is_object();
}

constexpr float kHigh = 127, kEpsilon = 1e-7F;

}  // namespace

Json int8_quantization_config() {
  const Json quantizer =
      serialized("keras.quantizers", "AbsMaxQuantizer",
                 {{"value_range", {-127, 127}}, {"epsilon", 1e-07}, {"output_dtype", "int8"}});
  return serialized("keras.quantizers", "Int8QuantizationConfig",
                    {{"weight_quantizer", nullptr}, {"activation_quantizer", quantizer}});
}

void Int8Weight::read(const Layer& layer, const Json& config) {
  if (config.is_null()) return;
  const std::string who = concat("layer '", layer.name, "' (", layer.info().name, "): ");
  if (!layer.quantized() || !is_class(config, "Int8QuantizationConfig"))
    fail(Code::kUnsupported, who, "of quantizations only \"int8\" with its policy is supported, ",
         "got quantization_config ", config.dump());
  const Json quantizer = config["config"].value("activation_quantizer", Json());
  if (quantizer.is_null()) {
    inputs.reset();
    return;
  }
  if (!is_class(quantizer, "AbsMaxQuantizer"))
    fail(Code::kUnsupported, who, "of activation quantizers AbsMaxQuantizer is supported, got ",
         quantizer.dump());
  const Json& c = quantizer["config"];
  const auto number = [&](const Json& json) {
    require(json.is_number(), who, "activation_quantizer: expected a number, got ", json.dump());
    return json.get<float>();
  };
  inputs = kernels::Int8Inputs();
  if (c.contains("value_range")) {
    const Json& range = c["value_range"];
    require(range.is_array() && range.size() == 2, who,
            "activation_quantizer: expected a value_range of two numbers, got ", range.dump());
    inputs->low = number(range[0]);
    inputs->high = number(range[1]);
  }
  if (c.contains("epsilon")) inputs->epsilon = number(c["epsilon"]);
  const auto whole = [](float x) { return x == std::trunc(x); };
  require(inputs->low >= -128 && inputs->high <= 127 && inputs->low <= inputs->high &&
              inputs->high > 0 && whole(inputs->low) && whole(inputs->high) && inputs->epsilon >= 0,
          who, "activation_quantizer: expected a value_range of whole numbers within -128 and 127 ",
          "and an epsilon of 0 or more, got ", quantizer.dump());
}

ops::Int8Kernel Int8Weight::operands(Graph& graph, const VariablePtr& kernel) const {
  return {graph.variable(kernel), graph.variable(scale), graph.variable(input_scale),
          inputs.value_or(kernels::Int8Inputs())};
}

Value Int8Weight::matmul(Value x, const VariablePtr& kernel) const {
  ops::Int8Kernel k = operands(x.graph(), kernel);
  const std::int64_t n = scale->value.size();
  k.kernel = ops::reshape(k.kernel, {kernel->value.size() / std::max<std::int64_t>(n, 1), n});
  k.kernel_scale = ops::reshape(k.kernel_scale, {n});
  if (inputs) return ops::quantized_matmul(x, k);
  return ops::matmul(x, ops::cast(k.kernel, x.dtype())) / k.kernel_scale;
}

std::vector<VariablePtr> Int8Weight::saved(const VariablePtr& kernel,
                                           const VariablePtr& bias) const {
  std::vector<VariablePtr> all;
  for (const VariablePtr& variable : {kernel, bias, scale})
    if (variable) all.push_back(variable);
  return all;
}

bool Layer::quantized() const { return policy_name(dtype).starts_with("int8_from_"); }

std::vector<VariablePtr> Layer::saved_variables() const {
  std::vector<VariablePtr> all;
  for (const Weight& weight : own_weights()) all.push_back(weight.variable);
  return all;
}

void Layer::set_quantized_policy() {
  dtype = serialized("keras.dtype_policies", "QuantizedDTypePolicy",
                     {{"mode", "int8"}, {"source_name", "float32"}});
}

VariablePtr Layer::add_quantized_weight(const std::string& weight_name, Shape shape,
                                        Shape scale_shape, Int8Weight& form) {
  const auto make = [&](const char* initializer) {
    return std::static_pointer_cast<Initializer>(
        create("initializers", initializer, Json::object()));
  };
  VariablePtr weight =
      add_weight(weight_name, std::move(shape), make("Zeros"), false, {}, {}, DType::kInt8);
  form.scale = add_weight(weight_name + "_scale", std::move(scale_shape), make("Ones"), false);
  form.input_scale = std::make_shared<Variable>("input_scale", Tensor::scalar(0.0F), false);
  return weight;
}

void Layer::quantize_weight(const VariablePtr& weight, std::size_t kept, Shape scale_shape,
                            Int8Weight& form) {
  const Tensor from = weight->value;
  const Shape& shape = from.shape();
  const std::size_t split = kept ? shape.size() - kept : shape.size() - 1;
  const std::int64_t rows = product(shape, 0, split), columns = product(shape, split, shape.size());
  Tensor to(DType::kInt8, shape), scale(DType::kFloat32, std::move(scale_shape));
  const auto* x = from.data<float>();
  auto* scales = scale.data<float>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      float& largest = scales[kept ? j : i];
      largest = std::max(largest, std::abs(x[i * columns + j]));
    }
  for (float& s : scale.span<float>()) s = kHigh / (s + kEpsilon);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      const float q = std::nearbyint(x[i * columns + j] * scales[kept ? j : i]);
      to.data<std::int8_t>()[i * columns + j] =
          q == q ? std::int8_t(std::clamp(q, -kHigh, kHigh)) : std::int8_t{0};
    }
  std::erase_if(trainable_, [&](const Weight& w) { return w.variable == weight; });
  weight->value = to;
  weight->trainable = false;
  const std::string scale_name = weight->name + "_scale";
  form.scale = std::make_shared<Variable>(scale_name, scale, false);
  form.scale->path = weight->path + "_scale";
  form.input_scale = std::make_shared<Variable>("input_scale", Tensor::scalar(0.0F), false);
  form.inputs = kernels::Int8Inputs();
  non_trainable_.push_back({weight, {}, {}});
  non_trainable_.push_back({form.scale, {}, {}});
  set_quantized_policy();
}

}  // namespace keratin
