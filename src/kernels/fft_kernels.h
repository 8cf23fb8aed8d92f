// Fourier transforms for each instruction set; fft.h has the way in.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/fft.h"

namespace keratin::kernels {

constexpr std::int64_t kMostFftLanes = 16;  // transforms at once
constexpr std::int64_t kFewFftRows = 2;     // so few are faster one by one
constexpr std::int64_t kMostFftRadix = 31;  // a larger prime factor goes by Bluestein

// A complex transform of n numbers.
template <class T>
struct FftPlan {
  std::int64_t n = 0;
  std::vector<std::int64_t> radices;  // their product is n; empty where `inner` does the work
  std::vector<T> cos, sin;            // of 2 pi j / n
  // Bluestein: chirp (cos, sin of pi j^2 / n) and filter, which a transform of a power of 2
  // applies.
  std::unique_ptr<FftPlan> inner;
  std::vector<T> chirp_cos, chirp_sin, filter_re, filter_im;
  // Of real numbers, the length being even: n is half of it, and these are of pi j / n.
  std::vector<T> half_cos, half_sin;

  std::int64_t buffer() const { return (inner ? inner->n : n) + 1; }  // numbers of one transform
};

template <class T>
struct FftJob {
  const FftPlan<T>* plan;
  FftForm form;
  std::int64_t n, rows;
  const T *re, *im;
  T *out_re, *out_im;
  T* scratch;
};

template <class T>
using FftFunction = void (*)(const FftJob<T>&);
FftFunction<float> float_fft();
FftFunction<double> double_fft();

}  // namespace keratin::kernels
