// Reductions of doubles: plain loops.
#include "kernels/reduce_merge.h"

namespace keratin::kernels {
namespace {

constexpr std::int64_t kBlock = 256;

template <Reduction kKind>
void reduce_block(const double* x, std::int64_t n, std::int64_t stride, double& a, double& b) {
  a = reduction_start(kKind == Reduction::kMoments ? Reduction::kSum : kKind);
  b = 0;
  constexpr Reduction kStep = kKind == Reduction::kMoments ? Reduction::kSum : kKind;
  for (std::int64_t i = 0; i < n; ++i) merge(kStep, a, b, 0, x[i * stride], 0, 1);
  if (kKind != Reduction::kMoments) return;
  a /= static_cast<double>(n);
  for (std::int64_t i = 0; i < n; ++i) b += (x[i * stride] - a) * (x[i * stride] - a);
}

template <Reduction kKind>
void strided(const double* x, std::int64_t n, std::int64_t stride, double& a, double& b,
             std::int64_t seen) {
  for (std::int64_t i = 0; i < n; i += kBlock) {
    const std::int64_t length = n - i < kBlock ? n - i : kBlock;
    double a1, b1;
    reduce_block<kKind>(x + i * stride, length, stride, a1, b1);
    merge(kKind, a, b, seen + i, a1, b1, length);
  }
}

template <Reduction kKind>
constexpr Reduce::Functions kFunctions = {
    [](const void* x, std::int64_t n, double& a, double& b, std::int64_t seen) {
      strided<kKind>(static_cast<const double*>(x), n, 1, a, b, seen);
    },
    [](const void* x, std::int64_t rows, std::int64_t stride, std::int64_t width, double* a,
       double* b, std::int64_t seen) {
      for (std::int64_t i = 0; i < width; ++i)
        strided<kKind>(static_cast<const double*>(x) + i, rows, stride, a[i], b[i], seen);
    }};

}  // namespace

Reduce::Functions double_reduction(Reduction kind) {
  switch (kind) {
    case Reduction::kSum:
    case Reduction::kMean:
      return kFunctions<Reduction::kSum>;
    case Reduction::kProd:
      return kFunctions<Reduction::kProd>;
    case Reduction::kMax:
      return kFunctions<Reduction::kMax>;
    case Reduction::kMin:
      return kFunctions<Reduction::kMin>;
    case Reduction::kMoments:
      break;
  }
  return kFunctions<Reduction::kMoments>;
}

}  // namespace keratin::kernels
