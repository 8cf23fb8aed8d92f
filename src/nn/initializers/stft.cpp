#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <vector>

#include "nn/initializers/fill.h"
#include "nn/initializers/initializer.h"

namespace keratin {
namespace {

// Windows that are a sum of cosines, as SciPy names them: w(t) = sum_k (-1)^k a_k cos(2 pi k t).
const std::map<std::string, std::vector<double>, std::less<>>& cosine_windows() {
  static const std::map<std::string, std::vector<double>, std::less<>> windows = {
      {"boxcar", {1}},
      {"hann", {0.5, 0.5}},
      {"hamming", {0.54, 0.46}},
      {"blackman", {0.42, 0.5, 0.08}},
      {"nuttall", {0.3635819, 0.4891775, 0.1365995, 0.0106411}},
      {"blackmanharris", {0.35875, 0.48829, 0.14128, 0.01168}},
      {"flattop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}},
  };
  return windows;
}

// Kernels [frame, channels, bins] whose convolution with a signal is its short-time Fourier
// transform.
class STFT : public Initializer {
 public:
  std::string side = "real";
  Json window = "hann";  // name, null, or a list of numbers
  bool periodic = false;
  std::optional<std::string> scaling = "density";

  KERATIN_CLASS

  void configured() override {
    require(window.is_string() || window.is_null() || window.is_array(),
            "STFT.window: expected a name, null or a list of numbers, got ", window.dump());
    if (window.is_string() && !cosine_windows().contains(window.get<std::string>()))
      fail(Code::kUnsupported, "STFT.window: the window ", window.dump(), " is not supported");
    if (window.is_array()) JsonTraits<std::vector<double>>::read(window);
  }

  Tensor operator()(const Shape& shape, DType dtype) const override {
    require_floating("STFT", dtype);
    require(shape.size() == 3, "STFT: expected a shape [frame, channels, bins], got ",
            to_string(shape));
    const std::int64_t frame = shape[0], channels = shape[1], bins = shape[2];
    const std::vector<double> w = window_values(frame);
    double factor = 1;
    if (!window.is_null() && scaling) {
      double sum = 0;
      for (const double x : w) sum += *scaling == "density" ? x * x : std::abs(x);
      factor = *scaling == "density" ? std::sqrt(sum) : sum;
    }
    return filled(dtype, shape, [&](std::int64_t i) {
      const std::int64_t time = i / (channels * bins), bin = i % bins;
      // In float, as Keras: its errors are what is left of the sines that should be 0.
      const float frequency = float(bin) / float(2 * (bins - 1));
      const double angle = float(-2 * time) * frequency * std::numbers::pi_v<float>;
      return (side == "real" ? std::cos(angle) : std::sin(angle)) * w[std::size_t(time)] / factor;
    });
  }

 private:
  std::vector<double> window_values(std::int64_t frame) const {
    std::vector<double> w(std::size_t(frame), 1.0);
    if (window.is_array()) {
      w = JsonTraits<std::vector<double>>::read(window);
      require(std::int64_t(w.size()) == frame, "STFT.window: expected ", frame, " values, got ",
              w.size());
    } else if (window.is_string() && frame > 1) {
      const std::vector<double>& terms = cosine_windows().at(window.get<std::string>());
      const double period = double(periodic ? frame : frame - 1);
      for (std::int64_t t = 0; t < frame; ++t) {
        double& x = w[std::size_t(t)] = 0;
        for (std::size_t k = 0; k < terms.size(); ++k)
          x += (k % 2 ? -1 : 1) * terms[k] *
               std::cos(2 * std::numbers::pi * double(k) * double(t) / period);
      }
    }
    return w;
  }
};

const ClassInfo& STFT::describe() {
  static const ClassInfo info = [] {
    using C = STFT;
    ClassInfo c = class_info<C>("initializers", "STFT", "keras.initializers",
                                "Kernels of the short-time Fourier transform.");
    c.aliases = {"STFTInitializer"};
    c.attributes = {
        attribute<C>("side", &C::side, "Which part of the transform.").one_of({"real", "imag"}),
        attribute<C>("window", &C::window, "Name of a window, null for none, or its values."),
        attribute<C>("periodic", &C::periodic, "Whether a named window is periodic."),
        attribute<C>("scaling", &C::scaling, "What the window is divided by; null: nothing.")
            .one_of({"density", "spectrum"})};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(STFT);

}  // namespace
}  // namespace keratin
