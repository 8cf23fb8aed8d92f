#include "nn/layers/image_layer.h"
#include "nn/layers/rnn.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace keratin {
namespace {

// One step of ConvLSTM: both products of an LSTM cell are convolutions. `units` are Keras' filters.
class ConvLSTMCell : public LSTMCell {
 public:
  std::vector<std::int64_t> kernel_size, strides, dilation_rate;
  std::string padding = "valid";
  std::optional<std::string> data_format;

  ConvLSTMCell() : ConvLSTMCell(2) {}
  explicit ConvLSTMCell(int axes)
      : LSTMCell(&describe),
        strides(std::size_t(axes), 1),
        dilation_rate(std::size_t(axes), 1),
        axes_(std::size_t(axes)) {}

  static const ClassInfo& describe();

  void configured() override {
    LSTMCell::configured();
    if (!data_format) data_format = "channels_last";
    expand_to_axes(*this, "kernel_size", kernel_size, axes_);
    expand_to_axes(*this, "strides", strides, axes_);
    expand_to_axes(*this, "dilation_rate", dilation_rate, axes_);
  }

  void build(std::span<const Shape> inputs) override {
    require_axes(inputs[0].size(), axes_, inputs[0]);
    const Shape shape = to_channels_last(inputs[0], *data_format);
    Shape kernel(kernel_size), recurrent(kernel_size);
    kernel.insert(kernel.end(), {shape.back(), 4 * units});
    recurrent.insert(recurrent.end(), {units, 4 * units});
    kernel_ = add_weight("kernel", kernel, kernel_initializer, true, kernel_regularizer,
                         kernel_constraint);
    recurrent_kernel_ = add_weight("recurrent_kernel", recurrent, recurrent_initializer, true,
                                   recurrent_regularizer, recurrent_constraint);
    add_bias();
    state_.clear();
    for (std::size_t i = 0; i < axes_; ++i) {
      require(shape[i + 1] != kUnknown, "the extents of a step must be known, got shape ",
              to_string(inputs[0]));
      state_.push_back(ops::window(shape[i + 1], kernel_size[i], strides[i], dilation_rate[i],
                                   ops::padding_named(padding))
                           .out);
    }
    state_.insert(data_format == "channels_first" ? state_.begin() : state_.end(), units);
  }

  std::vector<Shape> state_shapes() const override { return {state_, state_}; }

  // Channels last from here on: projections have [batch, (time,) extents..., 4 units].
  Value project(CallContext& context, Value inputs, bool all_steps) override {
    const Value kernel = context.graph.variable(kernel_);
    const auto convolved = [&](Value x, Value k) {
      const Shape shape = x.shape();
      if (all_steps) {  // all steps as one batch
        Shape rows(shape.begin() + 1, shape.end());
        rows[0] = kUnknown;
        x = ops::reshape(x, rows);
      }
      x = ops::conv(to_channels_last(x, *data_format), k, strides, dilation_rate,
                    ops::padding_named(padding));
      if (!all_steps) return x;
      Shape back = x.shape();
      back[0] = shape[1];
      back.insert(back.begin(), kUnknown);
      return ops::reshape(x, back);
    };
    const Value x = ops::cast(inputs, compute_dtype());
    Value z;
    if (input_masks_.empty()) {
      z = convolved(x, kernel);
    } else {
      std::vector<Value> gates;
      const std::vector<Value> kernels = split(kernel);
      for (std::size_t i = 0; i < kernels.size(); ++i)
        gates.push_back(convolved(dropped(x, input_masks_, i, all_steps), kernels[i]));
      z = ops::concatenate(gates, int(gates[0].rank()) - 1);
    }
    return use_bias ? z + context.graph.variable(bias_) : z;
  }

  Step advance(CallContext& context, Value projected, std::span<const Value> states) override {
    const Value kernel = context.graph.variable(recurrent_kernel_);
    const std::vector<std::int64_t> ones(axes_, 1);
    const auto convolved = [&](Value h, Value k) {
      return ops::conv(to_channels_last(h, *data_format), k, ones, ones, ops::Padding::kSame);
    };
    Value recurrent;
    if (recurrent_masks_.empty()) {
      recurrent = convolved(states[0], kernel);
    } else {
      std::vector<Value> gates;
      const std::vector<Value> kernels = split(kernel);
      for (std::size_t i = 0; i < kernels.size(); ++i)
        gates.push_back(convolved(dropped(states[0], recurrent_masks_, i, false), kernels[i]));
      recurrent = ops::concatenate(gates, int(gates[0].rank()) - 1);
    }
    Step step = gated(projected + recurrent, to_channels_last(states[1], *data_format));
    step.output = from_channels_last(step.output, *data_format);
    for (Value& state : step.states) state = from_channels_last(state, *data_format);
    return step;
  }
  Scan scan(CallContext&, Value, std::span<const Value>, Value, bool) override { return {}; }

 protected:
  bool dropout_by_gate() const override { return true; }

 private:
  std::size_t axes_;
  Shape state_;
};

const ClassInfo& ConvLSTMCell::describe() {
  static const ClassInfo info = [] {
    using C = ConvLSTMCell;
    ClassInfo c = class_info<C>("layers", "ConvLSTMCell", "keras.layers", "One step of ConvLSTM.");
    c.attributes = LSTMCell::describe().attributes;
    for (Attribute& a : c.attributes)
      if (a.name == "units") a.name = "filters";
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("kernel_size", &C::kernel_size, "Extents of the window.").required().above(0),
         attribute<C>("strides", &C::strides, "How far the inputs' window moves.").above(0),
         attribute<C>("padding", &C::padding, "Of the inputs' convolution.")
             .one_of({"valid", "same"}),
         attribute<C>("data_format", &C::data_format, "Where the channels are; null: last.")
             .one_of({"channels_last", "channels_first"}),
         attribute<C>("dilation_rate", &C::dilation_rate,
                      "Distance of the elements of the inputs' window.")
             .above(0)});
    std::string_view place = "filters";
    for (const char* name : {"kernel_size", "strides", "padding", "data_format", "dilation_rate"}) {
      move_behind(c.attributes, name, place);
      place = name;
    }
    return c;
  }();
  return info;
}

// An LSTM whose inputs and states are images of one to three axes.
class ConvLSTM : public RNN {
 public:
  ConvLSTM(DescribeFn describe, int axes) : RNN(describe, std::make_shared<ConvLSTMCell>(axes)) {}

  static ClassInfo describe_as(int axes) {
    ClassInfo c;
    c.kind = "layers";
    c.name = concat("ConvLSTM", axes, "D");
    c.module = "keras.layers";
    c.doc = "An LSTM over images: its products are convolutions.";
    add_cell_attributes(c, ConvLSTMCell::describe());
    const Json ones = std::vector<std::int64_t>(std::size_t(axes), 1);
    for (Attribute& a : c.attributes)
      if (a.name == "strides" || a.name == "dilation_rate") a.default_value = ones;
    return c;
  }
};

KERATIN_REGISTER_VARIANT(ConvLSTM1D, ConvLSTM, 1);
KERATIN_REGISTER_VARIANT(ConvLSTM2D, ConvLSTM, 2);
KERATIN_REGISTER_VARIANT(ConvLSTM3D, ConvLSTM, 3);

}  // namespace
}  // namespace keratin
