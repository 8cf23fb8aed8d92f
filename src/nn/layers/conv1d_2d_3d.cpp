#include "nn/layers/conv.h"
#include "nn/layers/quantize.h"

namespace keratin {
namespace {

// [batch, extents..., channels] -> [batch, positions..., filters]: activation(inputs * kernel +
// bias), * being the correlation.
class Conv : public ConvLayer {
 public:
  std::int64_t filters = 0, groups = 1;
  InitializerPtr kernel_initializer = glorot_uniform();
  RegularizerPtr kernel_regularizer;
  ConstraintPtr kernel_constraint;
  std::optional<std::int64_t> lora_rank, lora_alpha;

  Conv() : Conv(nullptr, 2) {}
  Conv(DescribeFn describe, int axes) : ConvLayer(describe, axes) {}

  static ClassInfo describe_as(int axes) {
    return with_attributes(family_info<Conv>("Conv#D", axes, "A kernel correlated with the input."),
                           axes);
  }

  void configured() override {
    ConvLayer::configured();
    require(filters % groups == 0, "layer '", name, "' (", info().name, "): ", filters,
            " filters cannot be cut into ", groups, " groups");
    if (lora_rank)
      fail(Code::kUnsupported, "layer '", name, "' (", info().name,
           "): lora_rank is not supported");
    lora_alpha.reset();
  }

  // Keras has none: the kernel and the inputs' scale that calibration found, in Dense's form.
  // Groups of one or two channels are faster as floats (src/kernels/README.md).
  Int8Form int8_form() const override {
    const bool thin = groups > 1 && kernel_ && kernel_->value.shape()[axes()] <= 2;
    return thin ? Int8Form::kNone : Int8Form::kStatic;
  }
  void quantize() override { quantize_weight(kernel_, 1, {filters}, int8_); }
  VariablePtr input_scale() const override { return int8_.input_scale; }
  std::vector<VariablePtr> saved_variables() const override { return int8_.saved(kernel_, bias()); }

 protected:
  std::int64_t build_kernels(std::int64_t channels) override {
    require(channels % groups == 0, channels, " channels cannot be cut into ", groups, " groups");
    const Shape shape = kernel_shape(channels / groups, filters);
    if (quantized())
      kernel_ = add_quantized_weight("kernel", shape, {filters}, int8_);
    else
      kernel_ = add_weight("kernel", shape, kernel_initializer, true, kernel_regularizer,
                           kernel_constraint);
    return filters;
  }

  Value convolve(Graph& graph, Value x) const override {
    require(x.shape().back() == kernel_->value.shape()[axes()] * groups, "expected an input of ",
            kernel_->value.shape()[axes()] * groups, " channels, got shape ", to_string(x.shape()));
    if (quantized())
      return ops::quantized_conv(x, int8_.operands(graph, kernel_), strides, dilation_rate,
                                 padding_kind());
    return ops::conv(x, graph.variable(kernel_), strides, dilation_rate, padding_kind());
  }

 private:
  static ClassInfo with_attributes(ClassInfo c, int axes) {
    c.attributes.push_back(
        attribute<Conv>("filters", &Conv::filters, "Channels of the output.").required().above(0));
    add_window_attributes<Conv>(c, axes);
    c.attributes.push_back(attribute<Conv>("groups", &Conv::groups,
                                           "Parts of the channels, each with filters of its own.")
                               .above(0));
    add_bias_attributes<Conv>(c);
    add_kernel_attributes<Conv>(c);
    c.attributes.push_back(
        attribute<Conv>("lora_rank", &Conv::lora_rank, "Only null.").omitted_if_default());
    c.attributes.push_back(
        attribute<Conv>("lora_alpha", &Conv::lora_alpha, "Has no effect without lora_rank.")
            .omitted_if_default());
    return arranged(std::move(c));
  }

  VariablePtr kernel_;
  Int8Weight int8_;
};

KERATIN_REGISTER_VARIANT(Conv1D, Conv, 1);
KERATIN_REGISTER_VARIANT(Conv2D, Conv, 2);
KERATIN_REGISTER_VARIANT(Conv3D, Conv, 3);

}  // namespace
}  // namespace keratin
