#include <cmath>
#include <numbers>

#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/fourier.h"
#include "ops/linalg.h"
#include "ops/matmul.h"
#include "ops/reduce.h"

namespace keratin {
namespace {

// The mel scale of HTK.
double mel(double hertz) { return 1127.0 * std::log(1 + hertz / 700.0); }

// Power of a sound in bands of the mel scale: [batch, time] -> [batch, num_mel_bins, frames].
class MelSpectrogram : public Layer {
 public:
  std::int64_t fft_length = 2048, sequence_stride = 512, sampling_rate = 16000, num_mel_bins = 128;
  std::optional<std::int64_t> sequence_length;
  Json window = "hann";
  double min_freq = 20, top_db = 80, mag_exp = 2, min_power = 1e-10, ref_power = 1;
  Json max_freq;  // a number, integer or not
  bool power_to_db = true;

  KERATIN_CLASS

  void configured() override {
    Layer::configured();
    if (!sequence_length) sequence_length = fft_length;
    if (max_freq.is_null()) max_freq = sampling_rate / 2;
    require(max_freq.is_number(), "layer '", name,
            "' (MelSpectrogram): expected max_freq to be a number, got ", max_freq.dump());
    require(*sequence_length <= fft_length, "layer '", name,
            "' (MelSpectrogram): expected a sequence_length of at most fft_length, ", fft_length,
            ", got ", *sequence_length);
    window_values();
  }

  std::vector<Value> call(CallContext& context, std::span<const Value> inputs) override {
    Value x = ops::cast(inputs[0], compute_dtype());
    const Shape given = x.shape();
    require(given.size() >= 1 && given.back() > fft_length / 2, "expected a sound of more than ",
            fft_length / 2, " elements along the last axis, got shape ", to_string(given));
    const auto constant = [&](const Tensor& t) { return context.graph.constant(t.as(x.dtype())); };
    const auto [re, im] = ops::short_time_fourier(x, window_values(), sequence_stride, true);
    Value power = ops::square(re) + ops::square(im);
    if (mag_exp != 2) power = ops::power(power, mag_exp / 2);
    Value y = ops::matmul(power, constant(mel_weights()));
    if (power_to_db) {
      constexpr double kScale = 10 / std::numbers::ln10;
      y = ops::log(ops::maximum(y, min_power)) * kScale -
          10 * std::log10(std::max(std::abs(ref_power), min_power));
      y = ops::maximum(y, ops::max(y) - top_db);
    }
    return {ops::transposed(y)};
  }

 private:
  std::vector<double> window_values() const {
    try {
      return ops::spectrum_window(window, *sequence_length, fft_length);
    } catch (const Error& error) {
      fail(error.code(), "layer '", name, "' (MelSpectrogram): ", error.what());
    }
  }

  // [bins, num_mel_bins]: triangles of equal width on the mel scale.
  Tensor mel_weights() const {
    const std::int64_t bins = fft_length / 2 + 1;
    const double low = mel(min_freq), high = mel(max_freq.get<double>());
    const double step = (high - low) / double(num_mel_bins + 1);
    Tensor weights(DType::kFloat64, {bins, num_mel_bins});
    for (std::int64_t bin = 1; bin < bins; ++bin) {
      const double at = mel(double(sampling_rate) / 2 * double(bin) / double(bins - 1));
      for (std::int64_t m = 0; m < num_mel_bins; ++m) {
        const double lower = low + step * double(m);
        weights.data<double>()[bin * num_mel_bins + m] =
            std::max(0.0, std::min((at - lower) / step, (lower + 2 * step - at) / step));
      }
    }
    return weights;
  }
};

const ClassInfo& MelSpectrogram::describe() {
  static const ClassInfo info = [] {
    using C = MelSpectrogram;
    ClassInfo c = class_info<C>("layers", "MelSpectrogram", "keras.layers",
                                "Power of a sound in bands of the mel scale.");
    c.attributes = base_attributes<C>();
    c.attributes.insert(
        c.attributes.end(),
        {attribute<C>("fft_length", &C::fft_length, "Of the Fourier transform.").above(0),
         attribute<C>("sequence_stride", &C::sequence_stride, "Between frames.").above(0),
         attribute<C>("sequence_length", &C::sequence_length, "Of a frame; null: fft_length.")
             .above(0),
         attribute<C>("window", &C::window, "hann, hamming, numbers, or null."),
         attribute<C>("sampling_rate", &C::sampling_rate, "Elements a second.").above(0),
         attribute<C>("num_mel_bins", &C::num_mel_bins, "Number of bands.").above(0),
         attribute<C>("min_freq", &C::min_freq, "Lowest frequency, in hertz."),
         attribute<C>("max_freq", &C::max_freq, "Highest; null: half the sampling rate."),
         attribute<C>("power_to_db", &C::power_to_db, "Whether decibels are given out."),
         attribute<C>("top_db", &C::top_db, "How far below the largest, at most."),
         attribute<C>("mag_exp", &C::mag_exp, "Exponent of the magnitude; 2: power."),
         attribute<C>("min_power", &C::min_power, "Least power that counts."),
         attribute<C>("ref_power", &C::ref_power, "The power that is 0 dB.")});
    return c;
  }();
  return info;
}
KERATIN_REGISTER(MelSpectrogram);

}  // namespace
}  // namespace keratin
