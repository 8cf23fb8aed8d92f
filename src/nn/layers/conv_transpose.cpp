#include "nn/layers/conv.h"

namespace keratin {
namespace {

// What the gradient of a convolution does: each element spreads a kernel over the output.
class ConvTranspose : public ConvLayer {
 public:
  std::int64_t filters = 0;
  std::optional<std::vector<std::int64_t>> output_padding;
  InitializerPtr kernel_initializer = glorot_uniform();
  RegularizerPtr kernel_regularizer;
  ConstraintPtr kernel_constraint;

  ConvTranspose() : ConvTranspose(nullptr, 2) {}
  ConvTranspose(DescribeFn describe, int axes) : ConvLayer(describe, axes) {}

  static ClassInfo describe_as(int axes) {
    return with_attributes(
        family_info<ConvTranspose>("Conv#DTranspose", axes,
                                   "Each element of the input spreads a kernel."),
        axes);
  }

  void configured() override {
    ConvLayer::configured();
    if (!output_padding) return;
    expand_to_axes(*this, "output_padding", *output_padding, axes());
    for (std::size_t i = 0; i < axes(); ++i)
      require((*output_padding)[i] < strides[i], "layer '", name, "' (", info().name,
              "): expected output_padding below the strides ", Json(strides).dump(), ", got ",
              Json(*output_padding).dump());
  }

 protected:
  std::int64_t build_kernels(std::int64_t channels) override {
    kernel_ = add_weight("kernel", kernel_shape(filters, channels), kernel_initializer, true,
                         kernel_regularizer, kernel_constraint);
    return filters;
  }

  Value convolve(Graph& graph, Value x) const override {
    return ops::conv_transpose(x, graph.variable(kernel_), strides, dilation_rate, padding_kind(),
                               output_padding.value_or(std::vector<std::int64_t>{}));
  }

 private:
  static ClassInfo with_attributes(ClassInfo c, int axes) {
    using C = ConvTranspose;
    c.attributes.push_back(
        attribute<C>("filters", &C::filters, "Channels of the output.").required().above(0));
    add_window_attributes<C>(c, axes);
    c.attributes.push_back(
        attribute<C>("output_padding", &C::output_padding,
                     "How much longer the output is than it must be; null: as the padding says.")
            .at_least(0));
    add_bias_attributes<C>(c);
    add_kernel_attributes<C>(c);
    return arranged(std::move(c));
  }

  VariablePtr kernel_;
};

KERATIN_REGISTER_VARIANT(Conv1DTranspose, ConvTranspose, 1);
KERATIN_REGISTER_VARIANT(Conv2DTranspose, ConvTranspose, 2);
KERATIN_REGISTER_VARIANT(Conv3DTranspose, ConvTranspose, 3);

}  // namespace
}  // namespace keratin
