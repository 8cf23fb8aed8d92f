// Joining what is known of two sets of elements.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/reduce.h"

namespace keratin::kernels {

inline double reduction_start(Reduction kind) {
  switch (kind) {
    case Reduction::kProd:
      return 1;
    case Reduction::kMax:
      return -std::numeric_limits<double>::infinity();
    case Reduction::kMin:
      return std::numeric_limits<double>::infinity();
    default:
      return 0;
  }
}

template <class T>
T larger(T a, T b) {
  return a > b || a != a ? a : b;
}
template <class T>
T smaller(T a, T b) {
  return a < b || a != a ? a : b;
}

// Mean and squared distances of two sets of n0 and n1 elements (Chan, Golub, LeVeque 1979).
inline void merge_moments(double& mean, double& squares, std::int64_t n0, double mean1,
                          double squares1, std::int64_t n1) {
  if (n1 == 0) return;
  const auto total = static_cast<double>(n0 + n1);
  const double delta = mean1 - mean;
  mean += delta * (static_cast<double>(n1) / total);
  squares += squares1;
  if (n0 > 0)
    squares += delta * delta * (static_cast<double>(n0) * (static_cast<double>(n1) / total));
}

inline void merge(Reduction kind, double& a, double& b, std::int64_t seen, double a1, double b1,
                  std::int64_t n1) {
  switch (kind) {
    case Reduction::kSum:
    case Reduction::kMean:
      a += a1;
      break;
    case Reduction::kProd:
      a *= a1;
      break;
    case Reduction::kMax:
      a = larger(a, a1);
      break;
    case Reduction::kMin:
      a = smaller(a, a1);
      break;
    case Reduction::kMoments:
      merge_moments(a, b, seen, a1, b1, n1);
      break;
  }
}

}  // namespace keratin::kernels
