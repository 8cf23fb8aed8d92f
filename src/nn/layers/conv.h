// What all convolution layers share: the attributes of a window that moves over one to three axes,
// data formats, bias and activation.
#pragma once

#include "nn/activations/activation.h"
#include "nn/layers/layer.h"
#include "ops/conv.h"

namespace keratin {

// Axes between the batch axis and the channels: how layers over images find their way.
// The axes of x moved so that the channels come last, and back.
Value to_channels_last(Value x, const std::string& data_format);
Value from_channels_last(Value x, const std::string& data_format);
Shape to_channels_last(Shape shape, const std::string& data_format);

// One number for all axes, or one for each; throws kInvalidArgument naming layer and attribute.
void expand_to_axes(const Layer& layer, const char* attribute, std::vector<std::int64_t>& values,
                    std::size_t axes);

class ConvLayer : public Layer {
 public:
  std::vector<std::int64_t> kernel_size, strides, dilation_rate;
  std::string padding = "valid";
  std::optional<std::string> data_format;
  ActivationPtr activation;
  bool use_bias = true;
  InitializerPtr bias_initializer = zeros();
  RegularizerPtr bias_regularizer;
  ConstraintPtr bias_constraint;

  explicit ConvLayer(std::size_t axes) : strides(axes, 1), dilation_rate(axes, 1), axes_(axes) {}

  void configured() override;
  void build(std::span<const Shape> inputs) override;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;

 protected:
  std::size_t axes() const { return axes_; }
  // Adds the kernels for inputs of this many channels; gives back how many come out.
  virtual std::int64_t build_kernels(std::int64_t channels) = 0;
  virtual Value convolve(Graph& graph, Value x) const = 0;  // channels last
  ops::Padding padding_kind() const { return ops::padding_named(padding); }
  // The kernel's shape, with these last axes.
  Shape kernel_shape(std::int64_t in, std::int64_t out) const;

  // "Conv" and 2 -> the beginning of the description of Conv2D; `family` may hold a '#' for the
  // number of axes.
  template <class C, std::size_t kAxes>
  static ClassInfo family_info(std::string family, std::string doc) {
    family.replace(family.find('#'), 1, std::to_string(kAxes));
    ClassInfo c = class_info<C>("layers", family, "keras.layers", std::move(doc));
    if (const std::size_t at = c.name.find("Conv"); c.name.find("Depthwise") == std::string::npos)
      c.aliases = {std::string(c.name).replace(at, 4, "Convolution")};
    c.make = [] { return std::make_shared<C>(kAxes); };
    c.attributes = base_attributes<C>();
    return c;
  }
  template <class C>
  static void add_window_attributes(ClassInfo& c, std::size_t axes);
  template <class C>
  static void add_bias_attributes(ClassInfo& c);
  template <class C>
  static void add_kernel_attributes(ClassInfo& c);
  // Attributes in the order of Keras' arguments. Keras writes activity_regularizer always.
  static ClassInfo arranged(ClassInfo c);

 private:
  std::size_t axes_;
  VariablePtr bias_;
};

template <class C>
void ConvLayer::add_window_attributes(ClassInfo& c, std::size_t axes) {
  std::vector<Attribute> all{
      attribute<C>("kernel_size", &C::kernel_size, "Extents of the window.").required().above(0),
      attribute<C>("strides", &C::strides, "How far the window moves.").above(0),
      attribute<C>("padding", &C::padding,
                   "valid: the window stays inside; same: as many positions as elements, over the "
                   "stride; causal (one axis): the window ends where it stands.")
          .one_of({"valid", "same", "causal"}),
      attribute<C>("data_format", &C::data_format, "Where the channels are; null: last.")
          .one_of({"channels_last", "channels_first"}),
      attribute<C>("dilation_rate", &C::dilation_rate, "Distance of the elements of the window.")
          .above(0)};
  const Json ones = std::vector<std::int64_t>(axes, 1);
  all[1].default_value = all[4].default_value = ones;
  c.attributes.insert(c.attributes.end(), all.begin(), all.end());
}

template <class C>
void ConvLayer::add_bias_attributes(ClassInfo& c) {
  c.attributes.insert(
      c.attributes.end(),
      {attribute<C>("activation", &C::activation, "Activation function; null: none."),
       attribute<C>("use_bias", &C::use_bias, "Whether a bias is added."),
       attribute<C>("bias_initializer", &C::bias_initializer, "Of the bias."),
       attribute<C>("bias_regularizer", &C::bias_regularizer, "Penalty on the bias."),
       attribute<C>("bias_constraint", &C::bias_constraint, "Projection of the bias.")});
}

template <class C>
void ConvLayer::add_kernel_attributes(ClassInfo& c) {
  c.attributes.insert(
      c.attributes.end(),
      {attribute<C>("kernel_initializer", &C::kernel_initializer, "Of the kernel."),
       attribute<C>("kernel_regularizer", &C::kernel_regularizer, "Penalty on the kernel."),
       attribute<C>("kernel_constraint", &C::kernel_constraint, "Projection of the kernel.")});
}

// Registers Name as the class C over this many axes.
#define KERATIN_REGISTER_CONV(Name, C, kAxes)                                \
  struct Name {                                                              \
    static const ClassInfo& describe() { return C::describe_axes<kAxes>(); } \
  };                                                                         \
  KERATIN_REGISTER(Name)

}  // namespace keratin
