#include <cmath>

#include "nn/layers/image_layer.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin {
namespace {

constexpr double kEpsilon = 1e-7;

// Short-time Fourier transform of each channel by two convolutions, whose kernels may be trained.
class STFTSpectrogram : public ImageLayer {
 public:
  std::string mode = "log", padding = "valid";
  std::int64_t frame_length = 256;
  std::optional<std::int64_t> frame_step, fft_length;
  Json window = "hann";
  bool periodic = false, expand_dims = false;
  std::optional<std::string> scaling = "density";

  STFTSpectrogram() : ImageLayer(describe, 1) {}
  static const ClassInfo& describe();

  void configured() override {
    ImageLayer::configured();
    require(!frame_step || *frame_step <= frame_length, "layer '", name,
            "' (STFTSpectrogram): expected a frame_step of at most frame_length, ", frame_length,
            ", got ", frame_step.value_or(0));
    require(!fft_length || *fft_length >= frame_length, "layer '", name,
            "' (STFTSpectrogram): expected an fft_length of at least frame_length, ", frame_length,
            ", got ", fft_length.value_or(0));
  }

  void build(std::span<const Shape>) override {
    std::int64_t length = 1;
    while (length < frame_length) length *= 2;
    const Shape shape{frame_length, 1, fft_length.value_or(length) / 2 + 1};
    if (mode != "imag") real_ = add_weight("real_kernel", shape, kernel("real"));
    if (mode != "real") imaginary_ = add_weight("imag_kernel", shape, kernel("imag"));
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    Value x = inputs[0];
    require_axes(x.rank(), 1, x.shape());
    if (!channels_first()) x = ops::transpose(x, {0, 2, 1});
    const std::int64_t channels = x.shape()[1];
    x = ops::reshape(x, {kUnknown, x.shape()[2], 1});  // [batch * channels, time, 1]
    const auto transform = [&](const VariablePtr& weights) {
      return ops::conv(x, context.graph.variable(weights), {frame_step.value_or(frame_length / 2)},
                       {1}, ops::padding_named(padding));
    };
    const Value real = real_ ? transform(real_) : Value{};
    const Value imaginary = imaginary_ ? transform(imaginary_) : Value{};
    Value y;
    if (mode == "real")
      y = real;
    else if (mode == "imag")
      y = imaginary;
    else if (mode == "stft")
      y = ops::concatenate({real, imaginary}, 2);
    else if (mode == "angle")
      y = ops::atan2(imaginary, real);
    else
      y = strength(ops::square(real) + ops::square(imaginary));
    return {arranged(y, inputs[0].shape()[0], channels)};
  }

 private:
  InitializerPtr kernel(const char* side) const {
    return std::static_pointer_cast<Initializer>(
        create("initializers", "STFT",
               {{"side", side},
                {"window", window},
                {"scaling", JsonTraits<std::optional<std::string>>::write(scaling)},
                {"periodic", periodic}}));
  }

  Value strength(Value power) const {
    if (mode == "psd") {
      // The other half of the spectrum: all but the first and the last bin stand twice.
      const std::int64_t bins = power.shape()[2];
      if (bins <= 2) return power;
      return power + ops::zero_pad(ops::slice(power, 2, 1, bins - 1), 2, 1, 1);
    }
    const Value magnitude = ops::sqrt(ops::maximum(power, kEpsilon));
    return mode == "magnitude" ? magnitude : ops::log(ops::maximum(magnitude, kEpsilon));
  }

  // [batch * channels, time, bins] in the form asked for.
  Value arranged(Value y, std::int64_t batch, std::int64_t channels) const {
    const std::int64_t time = y.shape()[1], bins = y.shape()[2];
    y = ops::reshape(y, {batch, channels, time, bins});
    if (expand_dims) return channels_first() ? y : ops::transpose(y, {0, 2, 3, 1});
    if (channels_first())
      return ops::reshape(ops::transpose(y, {0, 1, 3, 2}), {batch, channels * bins, time});
    return ops::reshape(ops::transpose(y, {0, 2, 1, 3}), {batch, time, channels * bins});
  }

  VariablePtr real_, imaginary_;
};

const ClassInfo& STFTSpectrogram::describe() {
  static const ClassInfo info = [] {
    using C = STFTSpectrogram;
    ClassInfo c = class_info<C>("layers", "STFTSpectrogram", "keras.layers",
                                "Short-time Fourier transform of each channel.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("mode", &C::mode, "What is given out.")
             .one_of({"log", "magnitude", "psd", "real", "imag", "angle", "stft"}),
         attribute<C>("frame_length", &C::frame_length, "Of a frame, in elements.").above(1),
         attribute<C>("frame_step", &C::frame_step, "Between frames; null: half a frame.").above(0),
         attribute<C>("fft_length", &C::fft_length,
                      "Of the transform; null: the power of 2 that holds a frame.")
             .above(0),
         attribute<C>("window", &C::window, "Name of the window, numbers, or null."),
         attribute<C>("periodic", &C::periodic, "Whether the window is a period."),
         attribute<C>("scaling", &C::scaling, "By the window's energy or sum; null: none.")
             .one_of({"density", "spectrum"}),
         attribute<C>("padding", &C::padding, "As of a convolution.").one_of({"valid", "same"}),
         attribute<C>("expand_dims", &C::expand_dims, "Whether channels get an axis of their own."),
         data_format_attribute<C>()});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(STFTSpectrogram);

}  // namespace
}  // namespace keratin
