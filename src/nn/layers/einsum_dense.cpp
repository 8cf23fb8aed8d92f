#include <algorithm>

#include "nn/activations/activation.h"
#include "nn/layers/quantize.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// An equation "ab,bc->ac", with "..." in front or behind of the first term and the last.
struct Equation {
  std::string input, kernel, output;
  bool dots_left = false, dots_right = false;
};

Equation read_equation(const std::string& text) {
  const auto is_letters = [](const std::string& s) {
    return !s.empty() && std::all_of(s.begin(), s.end(), [](unsigned char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
  };
  const std::size_t comma = text.find(','), arrow = text.find("->");
  Equation e;
  if (comma != std::string::npos && arrow != std::string::npos && comma < arrow) {
    e.input = text.substr(0, comma);
    e.kernel = text.substr(comma + 1, arrow - comma - 1);
    e.output = text.substr(arrow + 2);
    if (e.input.starts_with("...") && e.output.starts_with("...")) {
      e.dots_left = true;
      e.input.erase(0, 3);
      e.output.erase(0, 3);
    } else if (e.input.ends_with("...") && e.output.ends_with("...")) {
      e.dots_right = true;
      e.input.erase(e.input.size() - 3);
      e.output.erase(e.output.size() - 3);
    }
  }
  require(is_letters(e.input) && is_letters(e.kernel) && is_letters(e.output) &&
              (!e.dots_right || e.input.size() >= 2),
          "expected an equation of the form X,Y->Z, ...X,Y->...Z or X...,Y->Z..., got '", text,
          "'");
  return e;
}

bool has(const std::string& axes, char axis) { return axes.find(axis) != std::string::npos; }

// activation(einsum(equation, inputs, kernel) + bias).
class EinsumDense : public Layer {
 public:
  std::string equation;
  std::vector<std::optional<std::int64_t>> output_shape;  // without the batch axis
  ActivationPtr activation;
  std::optional<std::string> bias_axes;
  InitializerPtr kernel_initializer = glorot_uniform(), bias_initializer = zeros();
  RegularizerPtr kernel_regularizer, bias_regularizer;
  ConstraintPtr kernel_constraint, bias_constraint;
  std::optional<std::int64_t> lora_rank, lora_alpha, gptq_unpacked_column_size;
  Json quantization_config;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    if (!activation) activation = linear();
    if (lora_rank || gptq_unpacked_column_size)
      fail(Code::kUnsupported, "layer '", name,
           "' (EinsumDense): ", lora_rank ? "lora_rank" : "gptq_unpacked_column_size",
           " is not supported");
    int8_.read(*this, quantization_config);
    lora_alpha.reset();
  }

  void build(std::span<const Shape> inputs) override {
    const Shape& shape = inputs[0];
    const Equation e = read_equation(equation);
    const std::size_t rank = e.input.size();
    require(shape.size() == rank || ((e.dots_left || e.dots_right) && shape.size() > rank),
            "expected an input of rank ", rank, " by the equation '", equation, "', got shape ",
            to_string(shape));
    const std::size_t hidden = shape.size() - rank, before = e.dots_left ? hidden : 0;
    // All that comes out: the batch, what "..." stands for, and output_shape.
    Shape out{shape[0]};
    for (std::size_t i = 1; i < before; ++i) out.push_back(shape[i]);
    for (const auto& extent : output_shape) out.push_back(extent.value_or(kUnknown));
    require(out.size() >= before + e.output.size(), "output_shape has ", output_shape.size(),
            " axes, too few for the equation '", equation, "'");

    const auto in_extent = [&](char axis) { return shape[e.input.find(axis) + before]; };
    const auto out_extent = [&](char axis) {
      return has(e.output, axis) ? out[e.output.find(axis) + before] : kUnknown;
    };
    for (const char axis : e.input)
      require(out_extent(axis) == kUnknown || out_extent(axis) == in_extent(axis), "axis '",
              std::string(1, axis), "' is ", in_extent(axis), " in the input and ",
              out_extent(axis), " in output_shape");
    for (const char axis : e.output)
      require(has(e.input, axis) || has(e.kernel, axis), "axis '", std::string(1, axis),
              "' of the output is in neither input nor kernel");
    Shape kernel_shape;
    Json from = Json::array(), to = Json::array();  // axes of the kernel, for its initializer
    for (std::size_t i = 0; i < e.kernel.size(); ++i) {
      const char axis = e.kernel[i];
      const bool comes_out = has(e.output, axis);
      require(comes_out || has(e.input, axis), "axis '", std::string(1, axis),
              "' of the kernel is in neither input nor output");
      kernel_shape.push_back(comes_out ? out_extent(axis) : in_extent(axis));
      (comes_out ? to : from).push_back(i);
    }
    if (quantized())
      kernel_ = add_quantized_weight("kernel", kernel_shape, scale_shape(e, kernel_shape), int8_);
    else
      kernel_ = add_weight("kernel", kernel_shape, with_axes(from, to), true, kernel_regularizer,
                           kernel_constraint);
    if (!bias_axes) return;
    Shape bias_shape;
    for (const char axis : *bias_axes)
      require(has(e.output, axis), "axis '", std::string(1, axis),
              "' of the bias is not in the output '", e.output, "'");
    for (std::size_t i = e.output.find_first_of(*bias_axes); i < e.output.size(); ++i)
      bias_shape.push_back(has(*bias_axes, e.output[i]) ? out[i + before] : 1);
    if (e.dots_right) bias_shape.insert(bias_shape.end(), hidden, 1);
    bias_ =
        add_weight("bias", bias_shape, bias_initializer, true, bias_regularizer, bias_constraint);
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Value x = ops::cast(inputs[0], compute_dtype());
    require(x.rank() == build_shapes()[0].size(), "expected an input of rank ",
            build_shapes()[0].size(), ", got shape ", to_string(x.shape()));
    const Value bias = bias_ ? context.graph.variable(bias_) : Value{};
    if (const Value y = as_dense(x, bias)) return {y};
    Value y = ops::einsum(equation, {x, context.graph.variable(kernel_)});
    if (bias) y = y + bias;
    return {activate(activation, y)};
  }

  // Where the product is one of matrices; Keras has no such form where there are dots.
  Int8Form int8_form() const override {
    const Equation e = read_equation(equation);
    return summed_axes(e) > 0 && !e.dots_left ? Int8Form::kDynamic : Int8Form::kNone;
  }
  void quantize() override {
    const Equation e = read_equation(equation);
    quantize_weight(kernel_, e.kernel.size() - summed_axes(e),
                    scale_shape(e, kernel_->value.shape()), int8_);
    quantization_config = int8_quantization_config();
  }
  VariablePtr input_scale() const override { return int8_.input_scale; }
  std::vector<VariablePtr> saved_variables() const override { return int8_.saved(kernel_, bias_); }

 private:
  // Axes of the output, 1 for those that the kernel does not have.
  static Shape scale_shape(const Equation& e, const Shape& kernel) {
    Shape shape;
    for (const char axis : e.output)
      shape.push_back(has(e.kernel, axis) ? kernel[e.kernel.find(axis)] : 1);
    return shape;
  }

  // How many axes the product sums over where the equation is a product of matrices as they lie,
  // [rows, summed] [summed, columns]; else 0.
  static std::size_t summed_axes(const Equation& e) {
    const std::size_t rows = std::min(e.input.find_first_of(e.kernel), e.input.size());
    const std::size_t summed = e.input.size() - rows;
    const bool dense = !e.dots_right && summed > 0 && summed < e.kernel.size() &&
                       e.kernel.substr(0, summed) == e.input.substr(rows) &&
                       e.output == e.input.substr(0, rows) + e.kernel.substr(summed) &&
                       e.output.find_first_of(e.input.substr(rows)) == std::string::npos;
    return dense ? summed : 0;
  }

  // What Keras makes of an initializer that scales by its kernel's inputs and outputs.
  InitializerPtr with_axes(const Json& from, const Json& to) const {
    if (!kernel_initializer) return {};
    Json config = config_of(*kernel_initializer);
    if (!config.contains("input_axes") ||
        (!config["input_axes"].is_null() && !config["output_axes"].is_null()))
      return kernel_initializer;
    config["input_axes"] = from;
    config["output_axes"] = to;
    return std::static_pointer_cast<Initializer>(
        create("initializers", kernel_initializer->info().name, config));
  }

  // Where the equation is a product of matrices as they lie: one product of all rows, to which bias
  // and activation are joined. Null where it is not.
  Value as_dense(Value x, Value bias) const {
    const std::size_t summed = summed_axes(read_equation(equation));
    if (summed == 0) return {};
    const Shape& weights = kernel_->value.shape();
    const std::int64_t k = product(weights, 0, summed);
    const std::int64_t n = product(weights, summed, weights.size());
    if (bias && element_count(bias.shape()) != n && !quantized()) return {};
    const Shape& shape = x.shape();
    Shape lead(shape.begin(), shape.end() - std::ptrdiff_t(summed));
    for (std::size_t i = 0; i < summed; ++i)
      require(shape[lead.size() + i] == weights[i], "expected an input with last axes of ",
              to_string({weights.begin(), weights.begin() + std::ptrdiff_t(summed)}),
              ", got shape ", to_string(shape));
    Shape flat = lead, out = lead;
    flat.push_back(k);
    out.insert(out.end(), weights.begin() + std::ptrdiff_t(summed), weights.end());
    if (lead.empty()) return {};
    const Value rows = lead.size() == 1 || summed > 1 ? ops::reshape(x, flat) : x;
    Value y = quantized() ? int8_.matmul(rows, kernel_)
                          : ops::matmul(rows, ops::reshape(x.graph().variable(kernel_), {k, n}));
    const bool by_column = bias && element_count(bias.shape()) == n;
    if (by_column) y = y + ops::reshape(bias, {n});
    if (weights.size() > summed + 1) y = ops::reshape(y, out);
    if (bias && !by_column) y = y + bias;
    return activate(activation, y);
  }

  VariablePtr kernel_, bias_;
  Int8Weight int8_;
};

const ClassInfo& EinsumDense::describe() {
  static const ClassInfo info = [] {
    using C = EinsumDense;
    ClassInfo c = class_info<C>("layers", "EinsumDense", "keras.layers",
                                "A Dense layer over the axes that an equation names.");
    c.attributes = base_attributes<C>();
    c.attributes.back().omit_default = false;  // activity_regularizer
    c.attributes.insert(
        c.attributes.begin() + 1,
        {attribute<C>("equation", &C::equation, "As \"ab,bc->ac\": input, kernel, output.")
             .required(),
         attribute<C>("output_shape", &C::output_shape,
                      "Of the output without the batch; null: as in the input.")
             .required(),
         attribute<C>("activation", &C::activation, "Activation function; null: none."),
         attribute<C>("bias_axes", &C::bias_axes, "Axes of the output that a bias has."),
         attribute<C>("kernel_initializer", &C::kernel_initializer, "Of the kernel."),
         attribute<C>("bias_initializer", &C::bias_initializer, "Of the bias."),
         attribute<C>("kernel_regularizer", &C::kernel_regularizer, "Penalty on the kernel."),
         attribute<C>("bias_regularizer", &C::bias_regularizer, "Penalty on the bias."),
         attribute<C>("kernel_constraint", &C::kernel_constraint, "Projection of the kernel."),
         attribute<C>("bias_constraint", &C::bias_constraint, "Projection of the bias.")});
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("lora_rank", &C::lora_rank, "Only null.").omitted_if_default(),
         attribute<C>("lora_alpha", &C::lora_alpha, "Has no effect without lora_rank.")
             .omitted_if_default(),
         attribute<C>("gptq_unpacked_column_size", &C::gptq_unpacked_column_size, "Only null.")
             .omitted_if_default(),
         attribute<C>("quantization_config", &C::quantization_config,
                      "Keras' Int8QuantizationConfig, of a quantized layer.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(EinsumDense);

}  // namespace
}  // namespace keratin
