// Several transforms at once, one in each lane of a vector; what is left of them one by one, by the
// same operations, so that a row's bits do not depend on the others.
#include "kernels/fft_kernels.h"

#include <algorithm>

#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fft_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The same row of each lane's transform is a vector; rows follow one another.
template <class T>
struct Numbers {
  T *re, *im;
  Numbers exchanged() const { return {im, re}; }
};

template <class V>
struct Complex {
  V re, im;
  HWY_INLINE Complex() {}  // written out, for ARM: those of the compiler know no vectors
  HWY_INLINE Complex(V real, V imaginary) : re(real), im(imaginary) {}
  HWY_INLINE Complex operator+(Complex b) const { return {hn::Add(re, b.re), hn::Add(im, b.im)}; }
  HWY_INLINE Complex operator-(Complex b) const { return {hn::Sub(re, b.re), hn::Sub(im, b.im)}; }
  HWY_INLINE Complex operator*(Complex b) const {
    return {hn::NegMulAdd(im, b.im, hn::Mul(re, b.re)), hn::MulAdd(re, b.im, hn::Mul(im, b.re))};
  }
  HWY_INLINE Complex times_i() const { return {hn::Neg(im), re}; }
  HWY_INLINE Complex conjugate() const { return {re, hn::Neg(im)}; }
};

template <class D>
class Lanes {
 public:
  using T = hn::TFromD<D>;
  using C = Complex<hn::VFromD<D>>;

  explicit Lanes(const FftJob<T>& job) : job_(job), plan_(*job.plan) {
    const std::int64_t size = plan_.buffer() * kLanes;
    a_ = {job.scratch, job.scratch + size};
    b_ = {job.scratch + 2 * size, job.scratch + 3 * size};
  }
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());

  // Rows from `first` on; those beyond `count` are 0.
  void run(std::int64_t first, std::int64_t count) {
    const bool is_half = !plan_.half_cos.empty();
    const std::int64_t n = job_.n, bins = n / 2 + 1;
    switch (job_.form) {
      case FftForm::kComplex: {
        load(job_.re, first, count, n, n, 1, a_.re);
        load(job_.im, first, count, n, n, 1, a_.im);
        const Numbers<T> y = transform(plan_, a_);
        store(y.re, first, count, n, n, 1, job_.out_re);
        return store(y.im, first, count, n, n, 1, job_.out_im);
      }
      case FftForm::kFromReal: {
        load(job_.re, first, count, plan_.n, n, is_half ? 2 : 1, a_.re);
        if (is_half)
          load(job_.re + 1, first, count, plan_.n, n, 2, a_.im);
        else
          std::fill_n(a_.im, n * kLanes, T(0));
        Numbers<T> y = transform(plan_, a_);
        if (is_half) y = split(y);
        store(y.re, first, count, bins, bins, 1, job_.out_re);
        return store(y.im, first, count, bins, bins, 1, job_.out_im);
      }
      case FftForm::kToReal: {
        load(job_.re, first, count, bins, bins, 1, b_.re);
        load(job_.im, first, count, bins, bins, 1, b_.im);
        is_half ? join() : mirror();
        const Numbers<T> y = transform(plan_, a_.exchanged()).exchanged();
        store(y.re, first, count, plan_.n, n, is_half ? 2 : 1, job_.out_re);
        if (is_half) store(y.im, first, count, plan_.n, n, 2, job_.out_re + 1);
      }
    }
  }

 private:
  static void load(const T* from, std::int64_t first, std::int64_t count, std::int64_t n,
                   std::int64_t row, std::int64_t step, T* to) {
    from += first * row;
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t lane = 0; lane < kLanes; ++lane)
        to[j * kLanes + lane] = lane < count ? from[lane * row + j * step] : T(0);
  }
  static void store(const T* from, std::int64_t first, std::int64_t count, std::int64_t n,
                    std::int64_t row, std::int64_t step, T* to) {
    to += first * row;
    for (std::int64_t lane = 0; lane < count; ++lane)
      for (std::int64_t j = 0; j < n; ++j) to[lane * row + j * step] = from[j * kLanes + lane];
  }

  static HWY_INLINE C at(Numbers<T> x, std::int64_t j) {
    return {hn::LoadU(D(), x.re + j * kLanes), hn::LoadU(D(), x.im + j * kLanes)};
  }
  static HWY_INLINE void put(C value, Numbers<T> x, std::int64_t j) {
    hn::StoreU(value.re, D(), x.re + j * kLanes);
    hn::StoreU(value.im, D(), x.im + j * kLanes);
  }
  static HWY_INLINE C number(T re, T im) { return {hn::Set(D(), re), hn::Set(D(), im)}; }
  static HWY_INLINE C scaled(C x, T factor) {
    const auto f = hn::Set(D(), factor);
    return {hn::Mul(x.re, f), hn::Mul(x.im, f)};
  }

  // x is one of the buffers, which the result is in, too, or in the other one.
  Numbers<T> transform(const FftPlan<T>& plan, Numbers<T> x) {
    Numbers<T> y = x.re == a_.re || x.re == a_.im ? b_ : a_;
    if (plan.inner) return bluestein(plan, x);
    std::int64_t m = plan.n, s = 1;
    for (const std::int64_t radix : plan.radices) {
      m /= radix;
      if (radix == 4)
        pass<4>(plan, m, s, x, y, radix);
      else if (radix == 2)
        pass<2>(plan, m, s, x, y, radix);
      else
        pass<0>(plan, m, s, x, y, radix);
      s *= radix;
      std::swap(x, y);
    }
    return x;
  }

  // From x[radix, m, s] to y[m, radix, s]: transforms along the radix, times e^(-2 pi i p k / (r
  // m)).
  template <int kRadix>  // 0: any odd one
  HWY_NOINLINE void pass(const FftPlan<T>& plan, std::int64_t m, std::int64_t s, Numbers<T> x,
                         Numbers<T> y, std::int64_t odd_radix) {
    const std::int64_t radix = kRadix ? kRadix : odd_radix;
    C z[kRadix ? kRadix : kMostFftRadix], turns[kRadix ? kRadix : kMostFftRadix];
    for (std::int64_t p = 0; p < m; ++p) {
#pragma GCC unroll 4
      for (std::int64_t k = 1; k < radix; ++k)
        turns[k] = number(plan.cos[std::size_t(p * k * s)], -plan.sin[std::size_t(p * k * s)]);
      for (std::int64_t q = 0; q < s; ++q) {
#pragma GCC unroll 4
        for (std::int64_t k = 0; k < radix; ++k) z[k] = at(x, q + s * (p + m * k));
        if constexpr (kRadix == 4)
          by_four(z);
        else if constexpr (kRadix == 2)
          by_two(z);
        else
          by_odd(plan, radix, z);
        put(z[0], y, q + s * radix * p);
#pragma GCC unroll 4
        for (std::int64_t k = 1; k < radix; ++k)
          put(p == 0 ? z[k] : z[k] * turns[k], y, q + s * (radix * p + k));
      }
    }
  }

  static HWY_INLINE void by_two(C* z) {
    const C sum = z[0] + z[1];
    z[1] = z[0] - z[1];
    z[0] = sum;
  }
  static HWY_INLINE void by_four(C* z) {
    const C even = z[0] + z[2], odd = z[1] + z[3];
    const C apart = z[0] - z[2], turned = (z[1] - z[3]).times_i();
    z[0] = even + odd;
    z[1] = apart - turned;
    z[2] = even - odd;
    z[3] = apart + turned;
  }
  // Elements k and r - k share their sums of cosines and of sines.
  static HWY_INLINE void by_odd(const FftPlan<T>& plan, std::int64_t r, C* z) {
    const std::int64_t half = r / 2, step = plan.n / r;
    C sums[kMostFftRadix / 2 + 1], apart[kMostFftRadix / 2 + 1];
    const C first = z[0];
    for (std::int64_t j = 1; j <= half; ++j) {
      sums[j] = z[j] + z[r - j];
      apart[j] = (z[j] - z[r - j]).times_i();
      z[0] = z[0] + sums[j];
    }
    for (std::int64_t k = 1; k <= half; ++k) {
      C even = first, odd = number(0, 0);
      for (std::int64_t j = 1; j <= half; ++j) {
        const auto turn = std::size_t(j * k % r * step);
        const auto cos = hn::Set(D(), plan.cos[turn]), sin = hn::Set(D(), plan.sin[turn]);
        even = {hn::MulAdd(sums[j].re, cos, even.re), hn::MulAdd(sums[j].im, cos, even.im)};
        odd = {hn::MulAdd(apart[j].re, sin, odd.re), hn::MulAdd(apart[j].im, sin, odd.im)};
      }
      z[k] = even - odd;
      z[r - k] = even + odd;
    }
  }

  Numbers<T> bluestein(const FftPlan<T>& plan, Numbers<T> x) {
    const std::int64_t n = plan.n, size = plan.inner->n;
    const auto chirp = [&](std::int64_t j) HWY_ATTR {
      return number(plan.chirp_cos[std::size_t(j)], -plan.chirp_sin[std::size_t(j)]);
    };
    for (std::int64_t j = 0; j < n; ++j) put(at(x, j) * chirp(j), x, j);
    for (std::int64_t j = n; j < size; ++j) put(number(0, 0), x, j);
    x = transform(*plan.inner, x);
    for (std::int64_t j = 0; j < size; ++j)
      put(at(x, j) * number(plan.filter_re[std::size_t(j)], plan.filter_im[std::size_t(j)]), x, j);
    x = transform(*plan.inner, x.exchanged()).exchanged();
    for (std::int64_t j = 0; j < n; ++j) put(at(x, j) * chirp(j), x, j);
    return x;
  }

  // The transform of even and odd elements as one complex number each, to that of them all.
  Numbers<T> split(Numbers<T> z) {
    const Numbers<T> y = z.re == a_.re ? b_ : a_;
    const std::int64_t n = plan_.n;
    for (std::int64_t k = 0; k <= n; ++k) {
      const C here = at(z, k == n ? 0 : k), there = at(z, k == 0 ? 0 : n - k).conjugate();
      const C odd = (there - here).times_i();  // twice that of the odd elements
      const C turn = number(plan_.half_cos[std::size_t(k)], -plan_.half_sin[std::size_t(k)]);
      put(scaled(here + there + odd * turn, T(0.5)), y, k);
    }
    return y;
  }

  // Back, from b to a.
  void join() {
    const std::int64_t n = plan_.n;
    put({at(b_, 0).re, hn::Zero(D())}, b_, 0);
    put({at(b_, n).re, hn::Zero(D())}, b_, n);
    for (std::int64_t k = 0; k < n; ++k) {
      const C here = at(b_, k), there = at(b_, n - k).conjugate();
      const C turn = number(plan_.half_cos[std::size_t(k)], plan_.half_sin[std::size_t(k)]);
      put(here + there + ((here - there) * turn).times_i(), a_, k);
    }
  }

  // All elements of the spectrum of an odd length, from b to a.
  void mirror() {
    put({at(b_, 0).re, hn::Zero(D())}, a_, 0);
    for (std::int64_t k = 1; k <= job_.n / 2; ++k) {
      put(at(b_, k), a_, k);
      put(at(b_, k).conjugate(), a_, job_.n - k);
    }
  }

  const FftJob<T>& job_;
  const FftPlan<T>& plan_;
  Numbers<T> a_, b_;
};

void of_float(const FftJob<float>& job) {
  using Wide = Lanes<hn::ScalableTag<float>>;
  static_assert(Wide::kLanes <= kMostFftLanes);
  std::int64_t i = 0;
  for (; job.rows - i > kFewFftRows; i += Wide::kLanes)
    Wide(job).run(i, std::min(Wide::kLanes, job.rows - i));
  for (; i < job.rows; ++i) Lanes<hn::CappedTag<float, 1>>(job).run(i, 1);
}

}  // namespace

FftFunction<float> float_fft_for_target() { return of_float; }

// Doubles go one by one and are compiled once.
#if HWY_TARGET == HWY_STATIC_TARGET
void double_fft(const FftJob<double>& job) {
  for (std::int64_t i = 0; i < job.rows; ++i) Lanes<hn::CappedTag<double, 1>>(job).run(i, 1);
}
#endif

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {
HWY_EXPORT(float_fft_for_target);

FftFunction<float> float_fft() {
  static const FftFunction<float> function = HWY_DYNAMIC_DISPATCH(float_fft_for_target)();
  return function;
}
FftFunction<double> double_fft() { return HWY_STATIC_DISPATCH(double_fft); }

}  // namespace keratin::kernels
#endif
