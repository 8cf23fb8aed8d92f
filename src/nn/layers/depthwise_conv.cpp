#include "nn/layers/conv.h"

namespace keratin {
namespace {

// Each channel by itself, with `depth_multiplier` kernels; with `filters`, a 1x1 convolution mixes
// the results (SeparableConv).
class DepthwiseConv : public ConvLayer {
 public:
  std::int64_t depth_multiplier = 1;
  InitializerPtr depthwise_initializer = glorot_uniform();
  RegularizerPtr depthwise_regularizer;
  ConstraintPtr depthwise_constraint;

  DepthwiseConv() : DepthwiseConv(nullptr, 2) {}
  DepthwiseConv(DescribeFn describe, int axes) : ConvLayer(describe, axes) {}

  static ClassInfo describe_as(int axes) {
    ClassInfo c =
        family_info<DepthwiseConv>("DepthwiseConv#D", axes, "Kernels for each channel by itself.");
    add_window_attributes<DepthwiseConv>(c, axes);
    add_depthwise_attributes<DepthwiseConv>(c);
    add_bias_attributes<DepthwiseConv>(c);
    return arranged(std::move(c));
  }

 protected:
  template <class C>
  static void add_depthwise_attributes(ClassInfo& c) {
    c.attributes.push_back(
        attribute<C>("depth_multiplier", &C::depth_multiplier, "Kernels of each channel.")
            .above(0));
    c.attributes.insert(c.attributes.end(),
                        {attribute<C>("depthwise_initializer", &C::depthwise_initializer,
                                      "Of the kernels of channels."),
                         attribute<C>("depthwise_regularizer", &C::depthwise_regularizer,
                                      "Penalty on the kernels of channels."),
                         attribute<C>("depthwise_constraint", &C::depthwise_constraint,
                                      "Projection of the kernels of channels.")});
  }

  std::int64_t build_kernels(std::int64_t channels) override {
    depthwise_ =
        add_weight(depthwise_name(), kernel_shape(channels, depth_multiplier),
                   depthwise_initializer, true, depthwise_regularizer, depthwise_constraint);
    return channels * depth_multiplier;
  }
  virtual const char* depthwise_name() const { return "kernel"; }

  Value convolve(Graph& graph, Value x) const override {
    return ops::depthwise_conv(x, graph.variable(depthwise_), strides, dilation_rate,
                               padding_kind());
  }

 private:
  VariablePtr depthwise_;
};

class SeparableConv : public DepthwiseConv {
 public:
  std::int64_t filters = 0;
  InitializerPtr pointwise_initializer = glorot_uniform();
  RegularizerPtr pointwise_regularizer;
  ConstraintPtr pointwise_constraint;

  SeparableConv() : SeparableConv(nullptr, 2) {}
  SeparableConv(DescribeFn describe, int axes) : DepthwiseConv(describe, axes) {}

  static ClassInfo describe_as(int axes) {
    using C = SeparableConv;
    ClassInfo c = family_info<C>("SeparableConv#D", axes,
                                 "Kernels for each channel by itself, then a mixture of channels.");
    c.attributes.push_back(
        attribute<C>("filters", &C::filters, "Channels of the output.").required().above(0));
    add_window_attributes<C>(c, axes);
    add_depthwise_attributes<C>(c);
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("pointwise_initializer", &C::pointwise_initializer, "Of the mixture."),
         attribute<C>("pointwise_regularizer", &C::pointwise_regularizer,
                      "Penalty on the mixture."),
         attribute<C>("pointwise_constraint", &C::pointwise_constraint,
                      "Projection of the mixture.")});
    add_bias_attributes<C>(c);
    return arranged(std::move(c));
  }

 protected:
  std::int64_t build_kernels(std::int64_t channels) override {
    const std::int64_t width = DepthwiseConv::build_kernels(channels);
    Shape shape(axes(), 1);
    shape.push_back(width);
    shape.push_back(filters);
    pointwise_ = add_weight("pointwise_kernel", shape, pointwise_initializer, true,
                            pointwise_regularizer, pointwise_constraint);
    return filters;
  }
  const char* depthwise_name() const override { return "depthwise_kernel"; }

  Value convolve(Graph& graph, Value x) const override {
    const std::vector<std::int64_t> ones(axes(), 1);
    return ops::conv(DepthwiseConv::convolve(graph, x), graph.variable(pointwise_), ones, ones,
                     ops::Padding::kValid);
  }

 private:
  VariablePtr pointwise_;
};

KERATIN_REGISTER_VARIANT(DepthwiseConv1D, DepthwiseConv, 1);
KERATIN_REGISTER_VARIANT(DepthwiseConv2D, DepthwiseConv, 2);
KERATIN_REGISTER_VARIANT(SeparableConv1D, SeparableConv, 1);
KERATIN_REGISTER_VARIANT(SeparableConv2D, SeparableConv, 2);

}  // namespace
}  // namespace keratin
