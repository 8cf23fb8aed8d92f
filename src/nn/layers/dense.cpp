#include "nn/activations/activation.h"
#include "nn/layers/layer.h"
#include "nn/layers/quantize.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/quantized.h"

namespace keratin {
namespace {

// [..., in] -> [..., units]: activation(inputs x kernel + bias).
class Dense : public Layer {
 public:
  std::int64_t units = 0;
  ActivationPtr activation;
  bool use_bias = true;
  InitializerPtr kernel_initializer = glorot_uniform(), bias_initializer = zeros();
  RegularizerPtr kernel_regularizer, bias_regularizer;
  ConstraintPtr kernel_constraint, bias_constraint;
  Json quantization_config;
  std::optional<std::int64_t> lora_rank, lora_alpha;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    if (!activation) activation = linear();
    if (lora_rank)
      fail(Code::kUnsupported, "layer '", name, "' (Dense): lora_rank is not supported");
    int8_.read(*this, quantization_config);
    lora_alpha.reset();  // has a meaning, and is written, with lora_rank only
  }

  void build(std::span<const Shape> inputs) override {
    const Shape& shape = inputs[0];
    require(shape.size() >= 2, "expected an input of rank 2 or more, got shape ", to_string(shape));
    if (quantized())
      kernel_ = add_quantized_weight("kernel", {shape.back(), units}, {units}, int8_);
    else
      kernel_ = add_weight("kernel", {shape.back(), units}, kernel_initializer, true,
                           kernel_regularizer, kernel_constraint);
    if (use_bias)
      bias_ =
          add_weight("bias", {units}, bias_initializer, true, bias_regularizer, bias_constraint);
  }

  bool supports_masking() const override { return true; }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    const Shape& shape = inputs[0].shape();
    const std::int64_t width = kernel_->value.shape()[0];
    require(shape.size() >= 2 && shape.back() == width,
            "expected an input of rank 2 or more with a last axis of ", width, ", got shape ",
            to_string(shape));
    const Value x = ops::cast(inputs[0], compute_dtype());  // integers, too
    Value y =
        quantized() ? int8_.matmul(x, kernel_) : ops::matmul(x, context.graph.variable(kernel_));
    if (use_bias) y = y + context.graph.variable(bias_);
    return {activate(activation, y)};
  }

  Int8Form int8_form() const override { return Int8Form::kDynamic; }
  void quantize() override {
    quantize_weight(kernel_, 1, {units}, int8_);
    quantization_config = int8_quantization_config();
  }
  VariablePtr input_scale() const override { return int8_.input_scale; }
  std::vector<VariablePtr> saved_variables() const override { return int8_.saved(kernel_, bias_); }

 private:
  VariablePtr kernel_, bias_;
  Int8Weight int8_;
};

const ClassInfo& Dense::describe() {
  static const ClassInfo info = [] {
    using C = Dense;
    ClassInfo c =
        class_info<C>("layers", "Dense", "keras.layers",
                      "Each output is a weighted sum of all inputs, through an activation.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {
            attribute<C>("units", &C::units, "Width of the output.").required().above(0),
            attribute<C>("activation", &C::activation, "Activation function; null: none."),
            attribute<C>("use_bias", &C::use_bias, "Whether a bias is added."),
            attribute<C>("kernel_initializer", &C::kernel_initializer,
                         "Of the [in, units] kernel."),
            attribute<C>("bias_initializer", &C::bias_initializer, "Of the [units] bias."),
            attribute<C>("kernel_regularizer", &C::kernel_regularizer, "Penalty on the kernel."),
            attribute<C>("bias_regularizer", &C::bias_regularizer, "Penalty on the bias."),
            attribute<C>("kernel_constraint", &C::kernel_constraint, "Projection of the kernel."),
            attribute<C>("bias_constraint", &C::bias_constraint, "Projection of the bias."),
            attribute<C>("quantization_config", &C::quantization_config,
                         "Keras' Int8QuantizationConfig, of a quantized layer."),
            attribute<C>("lora_rank", &C::lora_rank, "Only null.").omitted_if_default(),
            attribute<C>("lora_alpha", &C::lora_alpha, "Has no effect without lora_rank.")
                .omitted_if_default(),
        });
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Dense);

}  // namespace

}  // namespace keratin
