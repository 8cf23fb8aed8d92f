// Fourier transforms. A complex tensor is a list of its real and imaginary parts.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/fourier.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

std::pair<Value, Value> complex_of(const OpCall& call) {
  const Values& parts = call.list();
  require(parts.size() == 2, "expected real and imaginary parts, got ", parts.size(), " tensors");
  for (const Value& part : parts)
    require(is_floating(part.dtype()), "expected floating real and imaginary parts, got ",
            keratin::name_of(part.dtype()));
  return {parts[0], parts[1]};
}

// The first n elements along the last axis, with zeros where there are less.
Value resized(Value x, std::int64_t n) {
  const std::int64_t have = known_extent(x, -1);
  return have > n ? slice(x, -1, 0, n) : have < n ? zero_pad(x, -1, 0, n - have) : x;
}

Values fft(const OpCall& call) {
  const auto [re, im] = complex_of(call);
  const auto y = fourier(re, im);
  return {y.first, y.second};
}

template <bool inverse>
Values fft2(const OpCall& call) {
  const auto [re, im] = complex_of(call);
  require(re.rank() >= 2 && re.rank() == im.rank(), "expected a rank of 2 or more, got shape ",
          to_string(re.shape()));
  const auto turned = [](Value x) {
    std::vector<int> order;
    for (int i = 0; i < int(x.rank()); ++i) order.push_back(i);
    std::swap(order[order.size() - 2], order.back());
    return transpose(x, order);
  };
  const auto rows = fourier(re, im, inverse);
  const auto columns = fourier(turned(rows.first), turned(rows.second), inverse);
  return {turned(columns.first), turned(columns.second)};
}

Values rfft(const OpCall& call) {
  Value x = call.floating();
  require(x.rank() >= 1, "expected a rank of 1 or more");
  if (!call.is_null("fft_length")) {
    require(call.integer("fft_length") > 0, "fft_length: expected at least 1, got ",
            call.integer("fft_length"));
    x = resized(x, call.integer("fft_length"));
  }
  const auto y = real_fourier(x);
  return {y.first, y.second};
}

Value irfft_of(Value re, Value im, std::int64_t n) {
  require(n > 0, "fft_length: expected at least 1, got ", n);
  return inverse_real_fourier(resized(re, n / 2 + 1), resized(im, n / 2 + 1), n);
}

Values irfft(const OpCall& call) {
  const auto [re, im] = complex_of(call);
  require(re.rank() >= 1, "expected a rank of 1 or more");
  return {irfft_of(
      re, im,
      call.is_null("fft_length") ? 2 * (known_extent(re, -1) - 1) : call.integer("fft_length"))};
}

std::vector<double> window_of(const OpCall& call) {
  return spectrum_window(call["window"], call.integer("sequence_length"),
                         call.integer("fft_length"));
}

Values stft(const OpCall& call) {
  const Value x = call.value();
  require(is_floating(x.dtype()), "expected float32 or float64, got ", keratin::name_of(x.dtype()));
  const auto y =
      short_time_fourier(x, window_of(call), call.integer("sequence_stride"), call.flag("center"));
  return {y.first, y.second};
}

// As with JAX, without a window the signal is larger by the windows' overlap.
Values istft(const OpCall& call) {
  const auto [re, im] = complex_of(call);
  const std::int64_t n = call.integer("fft_length"), stride = call.integer("sequence_stride");
  std::optional<std::int64_t> length;
  if (!call.is_null("length")) length = call.integer("length");
  const std::vector<double> window = window_of(call);
  const Value y = inverse_short_time_fourier(resized(re, n / 2 + 1), resized(im, n / 2 + 1), window,
                                             stride, call.flag("center"), length);
  return {call.is_null("window") ? y * (double(n) / double(stride)) : y};
}

Values extract_sequences(const OpCall& call) {
  return {
      sequences(call.value(), call.integer("sequence_length"), call.integer("sequence_stride"))};
}

#define FRAMES "sequence_length: int; sequence_stride: int; fft_length: int; "
#define WINDOW "window: any = \"hann\"; center: bool = true"

constexpr OpRow kRows[] = {
    {"fft", "math.FFT", "[x]", "Fourier transform along the last axis.", fft},
    {"fft2", "math.FFT2", "[x]", "Fourier transform along the last two axes.", fft2<false>},
    {"ifft2", "math.IFFT2", "[x]", "Its inverse.", fft2<true>},
    {"rfft", "math.RFFT", "x; fft_length: int? = null", "First half of the transform of a real x.",
     rfft},
    {"irfft", "math.IRFFT", "[x]; fft_length: int? = null", "Its inverse.", irfft},
    {"stft", "math.STFT", "x; " FRAMES WINDOW, "Transforms of windows along the last axis.", stft},
    {"istft", "math.ISTFT", "[x]; " FRAMES "length: int? = null; " WINDOW, "Its inverse.", istft},
    {"extract_sequences", "math.ExtractSequences", "x; sequence_length: int; sequence_stride: int",
     "Runs of elements along the last axis.", extract_sequences},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace

std::vector<double> spectrum_window(const Json& window, std::int64_t length, std::int64_t width) {
  require(0 < length && length <= width, "expected a sequence_length of 1 to fft_length, ", width,
          ", got ", length);
  std::vector<double> values(std::size_t(width), 0.0);
  double* const middle = values.data() + (width - length) / 2;
  if (window.is_null()) return std::vector<double>(std::size_t(width), 1.0);
  if (!window.is_string()) {
    const Tensor given = tensor_of_json(window).as(DType::kFloat64);
    require(given.shape() == Shape{length}, "expected a window of ", length, " numbers, got shape ",
            to_string(given.shape()));
    std::copy_n(given.data<double>(), length, middle);
    return values;
  }
  const std::string name = window.get<std::string>();
  const bool hann = name == "hann";
  require(hann || name == "hamming", "expected window 'hann', 'hamming', numbers or null, got ",
          window.dump());
  const double a = hann ? 0.5 : 0.54;
  for (std::int64_t i = 0; i < length; ++i)
    middle[i] = a - (1 - a) * std::cos(2 * std::numbers::pi * double(i) / double(length));
  return values;
}

}  // namespace keratin::ops
