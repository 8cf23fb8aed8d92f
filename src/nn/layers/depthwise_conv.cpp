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

  explicit DepthwiseConv(std::size_t axes = 2) : ConvLayer(axes) {}
  const ClassInfo& info() const override {
    return axes() == 1 ? describe_axes<1>() : describe_axes<2>();
  }

  template <std::size_t kAxes>
  static const ClassInfo& describe_axes() {
    static const ClassInfo info = [] {
      ClassInfo c = family_info<DepthwiseConv, kAxes>("DepthwiseConv#D",
                                                      "Kernels for each channel by itself.");
      add_window_attributes<DepthwiseConv>(c, kAxes);
      add_depthwise_attributes<DepthwiseConv>(c);
      add_bias_attributes<DepthwiseConv>(c);
      return arranged(std::move(c));
    }();
    return info;
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

  explicit SeparableConv(std::size_t axes = 2) : DepthwiseConv(axes) {}
  const ClassInfo& info() const override {
    return axes() == 1 ? describe_axes<1>() : describe_axes<2>();
  }

  template <std::size_t kAxes>
  static const ClassInfo& describe_axes() {
    using C = SeparableConv;
    static const ClassInfo info = [] {
      ClassInfo c = family_info<C, kAxes>(
          "SeparableConv#D", "Kernels for each channel by itself, then a mixture of channels.");
      c.attributes.push_back(
          attribute<C>("filters", &C::filters, "Channels of the output.").required().above(0));
      add_window_attributes<C>(c, kAxes);
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
    }();
    return info;
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

KERATIN_REGISTER_CONV(DepthwiseConv1D, DepthwiseConv, 1);
KERATIN_REGISTER_CONV(DepthwiseConv2D, DepthwiseConv, 2);
KERATIN_REGISTER_CONV(SeparableConv1D, SeparableConv, 1);
KERATIN_REGISTER_CONV(SeparableConv2D, SeparableConv, 2);

}  // namespace
}  // namespace keratin
