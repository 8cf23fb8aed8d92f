// What all convolution layers share: the attributes of a window that moves over one to three axes,
// data formats, bias and activation.
#pragma once

#include "nn/activations/activation.h"
#include "nn/layers/image_layer.h"
#include "ops/conv.h"

namespace keratin {

class ConvLayer : public ImageLayer {
 public:
  std::vector<std::int64_t> kernel_size, strides, dilation_rate;
  std::string padding = "valid";
  ActivationPtr activation;
  bool use_bias = true;
  InitializerPtr bias_initializer = zeros();
  RegularizerPtr bias_regularizer;
  ConstraintPtr bias_constraint;

  ConvLayer(DescribeFn describe, int axes)
      : ImageLayer(describe, std::size_t(axes)),
        strides(std::size_t(axes), 1),
        dilation_rate(std::size_t(axes), 1) {}

  void configured() override;
  void build(std::span<const Shape> inputs) override;
  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override;

 protected:
  // Adds the kernels for inputs of this many channels; gives back how many come out.
  virtual std::int64_t build_kernels(std::int64_t channels) = 0;
  virtual Value convolve(Graph& graph, Value x) const = 0;  // channels last
  ops::Padding padding_kind() const { return ops::padding_named(padding); }
  // The kernel's shape, with these last axes.
  Shape kernel_shape(std::int64_t in, std::int64_t out) const;
  const VariablePtr& bias() const { return bias_; }

  // The beginning of the description of "Conv2D", of the family "Conv#D".
  template <class C>
  static ClassInfo family_info(std::string family, int axes, std::string doc) {
    family.replace(family.find('#'), 1, std::to_string(axes));
    ClassInfo c = class_info<C>("layers", family, "keras.layers", std::move(doc));
    if (!family.starts_with("Depthwise"))
      c.aliases = {std::string(family).replace(family.find("Conv"), 4, "Convolution")};
    c.attributes = base_attributes<C>();
    return c;
  }
  template <class C>
  static void add_window_attributes(ClassInfo& c, int axes);
  template <class C>
  static void add_bias_attributes(ClassInfo& c);
  template <class C>
  static void add_kernel_attributes(ClassInfo& c);
  // Attributes in the order of Keras' arguments. Keras writes activity_regularizer always.
  static ClassInfo arranged(ClassInfo c);

 private:
  VariablePtr bias_;
};

template <class C>
void ConvLayer::add_window_attributes(ClassInfo& c, int axes) {
  std::vector<Attribute> all{
      attribute<C>("kernel_size", &C::kernel_size, "Extents of the window.").required().above(0),
      attribute<C>("strides", &C::strides, "How far the window moves.").above(0),
      attribute<C>("padding", &C::padding,
                   "valid: the window stays inside; same: as many positions as elements, over the "
                   "stride; causal (one axis): the window ends where it stands.")
          .one_of({"valid", "same", "causal"}),
      data_format_attribute<C>(),
      attribute<C>("dilation_rate", &C::dilation_rate, "Distance of the elements of the window.")
          .above(0)};
  const Json ones = std::vector<std::int64_t>(std::size_t(axes), 1);
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

}  // namespace keratin
