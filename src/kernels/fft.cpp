#include "kernels/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/fft_kernels.h"

namespace keratin::kernels {
namespace {

// cos and sin of pi times numerator / n, for numerators that are squares or doubles of j.
template <class T, class Fn>
void fill_angles(std::int64_t n, std::int64_t count, const Fn& numerator, std::vector<T>& cos,
                 std::vector<T>& sin) {
  for (std::int64_t j = 0; j < count; ++j) {
    const double angle = std::numbers::pi * double(numerator(j) % (2 * n)) / double(n);
    cos.push_back(T(std::cos(angle)));
    sin.push_back(T(std::sin(angle)));
  }
}

template <class T>
FftJob<T> job_of(const FftPlan<T>& plan, FftForm form, std::int64_t n, std::int64_t rows,
                 const void* re, const void* im, void* out_re, void* out_im, void* scratch) {
  return {&plan,
          form,
          n,
          rows,
          static_cast<const T*>(re),
          static_cast<const T*>(im),
          static_cast<T*>(out_re),
          static_cast<T*>(out_im),
          static_cast<T*>(scratch)};
}

template <class T>
std::unique_ptr<FftPlan<T>> plan_of(std::int64_t n);

// The transform of the chirp's conjugate, wrapped around, over the length.
template <class T>
void add_bluestein(FftPlan<T>& plan) {
  const std::int64_t n = plan.n;
  std::int64_t size = 1;
  while (size < 2 * n - 1) size *= 2;
  std::vector<double> cos, sin;
  const auto square = [](std::int64_t j) { return j * j; };
  fill_angles(n, n, square, cos, sin);
  fill_angles(n, n, square, plan.chirp_cos, plan.chirp_sin);
  const auto length = static_cast<std::size_t>(size);
  std::vector<double> re(length), im(length);
  for (std::size_t j = 0; j < cos.size(); ++j) {
    const std::size_t mirrored = (length - j) % length;
    re[j] = re[mirrored] = cos[j] / double(size);
    im[j] = im[mirrored] = sin[j] / double(size);
  }
  const Fft fft(FftForm::kComplex, size, true);
  std::vector<char> scratch(fft.scratch_bytes(1));
  fft.run(1, re.data(), im.data(), re.data(), im.data(), scratch.data());
  plan.filter_re.assign(re.begin(), re.end());
  plan.filter_im.assign(im.begin(), im.end());
  plan.inner = plan_of<T>(size);
}

template <class T>
std::unique_ptr<FftPlan<T>> plan_of(std::int64_t n) {
  auto plan = std::make_unique<FftPlan<T>>();
  plan->n = n;
  std::int64_t rest = n;
  for (const std::int64_t radix : {4, 2})
    for (; rest % radix == 0; rest /= radix) plan->radices.push_back(radix);
  for (std::int64_t radix = 3; radix <= kMostFftRadix; radix += 2)
    for (; rest % radix == 0; rest /= radix) plan->radices.push_back(radix);
  if (rest > 1)
    add_bluestein(*plan);
  else
    fill_angles(
        n, n, [](std::int64_t j) { return 2 * j; }, plan->cos, plan->sin);
  return plan;
}

template <class T>
std::shared_ptr<const void> plan_for(FftForm form, std::int64_t n) {
  const bool is_half = form != FftForm::kComplex && n % 2 == 0;
  std::shared_ptr<FftPlan<T>> plan = plan_of<T>(is_half ? n / 2 : n);
  if (is_half)
    fill_angles(
        plan->n, plan->n + 1, [](std::int64_t j) { return j; }, plan->half_cos, plan->half_sin);
  return plan;
}

}  // namespace

Fft::Fft(FftForm form, std::int64_t n, bool is_double)
    : n_(n),
      form_(form),
      is_double_(is_double),
      plan_(is_double ? plan_for<double>(form, n) : plan_for<float>(form, n)) {}

std::size_t Fft::scratch_bytes(std::int64_t rows) const {
  if (is_double_)
    return std::size_t(4 * static_cast<const FftPlan<double>*>(plan_.get())->buffer()) *
           sizeof(double);
  const std::int64_t lanes = rows > kFewFftRows ? kMostFftLanes : 1;
  return std::size_t(4 * static_cast<const FftPlan<float>*>(plan_.get())->buffer() * lanes) *
         sizeof(float);
}

void Fft::run(std::int64_t rows, const void* re, const void* im, void* out_re, void* out_im,
              void* scratch) const {
  if (is_double_)
    double_fft()(job_of(*static_cast<const FftPlan<double>*>(plan_.get()), form_, n_, rows, re, im,
                        out_re, out_im, scratch));
  else
    float_fft()(job_of(*static_cast<const FftPlan<float>*>(plan_.get()), form_, n_, rows, re, im,
                       out_re, out_im, scratch));
}

}  // namespace keratin::kernels
