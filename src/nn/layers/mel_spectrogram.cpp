#include <cmath>
#include <numbers>

#include "nn/layers/layer.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/shape.h"

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
    x = ops::reshape(frames(x), {kUnknown, framed_length(given.back()), 1});
    Graph& graph = context.graph;
    const auto constant = [&](const Tensor& t) { return graph.constant(t.as(x.dtype())); };
    const std::int64_t bins = fft_length / 2 + 1;
    const Value spectrum =
        ops::conv(x, constant(fourier_kernel()), {sequence_stride}, {1}, ops::Padding::kValid);
    Value power = ops::square(ops::slice(spectrum, 2, 0, bins)) +
                  ops::square(ops::slice(spectrum, 2, bins, 2 * bins));
    if (mag_exp != 2) power = ops::power(power, mag_exp / 2);
    Value y = ops::matmul(power, constant(mel_weights()));
    if (power_to_db) {
      constexpr double kScale = 10 / std::numbers::ln10;
      y = ops::log(ops::maximum(y, min_power)) * kScale -
          10 * std::log10(std::max(std::abs(ref_power), min_power));
      y = ops::maximum(y, ops::max(y) - top_db);
    }
    y = ops::transpose(y, {0, 2, 1});
    Shape shape(given.begin(), given.end() - 1);
    shape.push_back(num_mel_bins);
    shape.push_back(y.shape()[2]);
    return {ops::reshape(y, shape)};
  }

 private:
  std::int64_t frame_count(std::int64_t length) const {
    return (length + fft_length / 2 * 2 - fft_length) / sequence_stride + 1;
  }
  std::int64_t framed_length(std::int64_t length) const {
    return (frame_count(length) - 1) * sequence_stride + *sequence_length;
  }

  // The elements that frames see: the sound mirrored at its ends, so that frames are centred.
  Value frames(Value x) const {
    const std::int64_t length = x.shape().back();
    const std::int64_t begin = (fft_length - *sequence_length) / 2 - fft_length / 2;
    kernels::AxisMap map;
    map.in = length;
    for (std::int64_t i = 0; i < framed_length(length); ++i) {
      std::int64_t at = std::abs(begin + i);
      if (at >= length) at = 2 * (length - 1) - at;
      map.add(at, 1);
      map.finish();
    }
    return ops::resample(x, -1, std::move(map));
  }

  std::vector<double> window_values() const {
    const std::int64_t n = *sequence_length;
    std::vector<double> values(std::size_t(n), 1.0);
    if (window.is_null()) return values;
    if (window.is_array()) {
      values = JsonTraits<std::vector<double>>::read(window);
      require(std::int64_t(values.size()) == n, "layer '", name,
              "' (MelSpectrogram): expected a window of ", n, " numbers, got ", values.size());
      return values;
    }
    const bool hann = window == "hann";
    require(hann || window == "hamming", "layer '", name,
            "' (MelSpectrogram): expected window 'hann', 'hamming', numbers or null, got ",
            window.dump());
    const double a = hann ? 0.5 : 0.54;
    for (std::int64_t i = 0; i < n; ++i)
      values[std::size_t(i)] = a - (1 - a) * std::cos(2 * std::numbers::pi * double(i) / double(n));
    return values;
  }

  // [sequence_length, 1, real and imaginary parts of the bins]
  Tensor fourier_kernel() const {
    const std::int64_t bins = fft_length / 2 + 1, n = *sequence_length;
    const std::vector<double> w = window_values();
    Tensor kernel(DType::kFloat64, {n, 1, 2 * bins});
    double* to = kernel.data<double>();
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t k = 0; k < bins; ++k) {
        const double angle = 2 * std::numbers::pi * double(i * k % fft_length) / double(fft_length);
        to[i * 2 * bins + k] = w[std::size_t(i)] * std::cos(angle);
        to[i * 2 * bins + bins + k] = -w[std::size_t(i)] * std::sin(angle);
      }
    return kernel;
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
