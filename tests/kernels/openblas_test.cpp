// The way through OpenBLAS, in processes of their own: whether it is taken is decided once.
#include "kernels/openblas.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cmath>
#include <cstdlib>
#include <thread>
#include <vector>

#include "core/threads.h"

namespace keratin::kernels {
namespace {

// The largest error of a product, about 1e-4 for sound code.
double error_of(const GemmShape& s) {
  std::vector<float> a(std::size_t(s.m * s.k)), b(std::size_t(s.k * s.n)),
      c(std::size_t(s.m * s.n));
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = std::sin(float(i % 1013));
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = std::cos(float(i % 1019));
  gemm(s, a.data(), b.data(), c.data());
  double worst = 0;
  for (std::int64_t i = 0; i < s.m; i += 7)
    for (std::int64_t j = 0; j < s.n; j += 5) {
      double sum = 0;
      for (std::int64_t p = 0; p < s.k; ++p)
        sum += double(a[std::size_t(s.transpose_a ? p * s.m + i : i * s.k + p)]) *
               double(b[std::size_t(s.transpose_b ? j * s.k + p : p * s.n + j)]);
      worst = std::max(worst, std::abs(sum - double(c[std::size_t(i * s.n + j)])));
    }
  return worst;
}

// With vectors no wider than OpenBLAS' own it is wide enough, also where it does not know the
// machine.
void narrow_vectors() {
  hwy::SetSupportedTargetsForTest(HWY_AVX2 | HWY_SSE4);
  setenv("OPENBLAS_CORETYPE", "Haswell", 1);  // before it is loaded
}

[[noreturn]] void products() {
  narrow_vectors();
  const GemmShape shape{600, 520, 530};
  if (!openblas_takes(shape) || openblas_takes({600, 520, 100})) std::exit(1);
  for (int way = 0; way < 4; ++way) {
    GemmShape s = shape;
    s.transpose_a = way & 1;
    s.transpose_b = way & 2;
    if (!(error_of(s) < 1e-3)) std::exit(2);
  }
  std::exit(0);
}

[[noreturn]] void threads() {
  narrow_vectors();
  std::vector<float> a(700 * 600, 0.5f), b(600 * 550, 0.25f), first;
  for (const int count : {1, 2, 3}) {
    set_num_threads(count);
    std::vector<std::vector<float>> c(4, std::vector<float>(700 * 550));
    std::vector<std::thread> callers;  // several at once
    for (auto& result : c)
      callers.emplace_back([&] { gemm({700, 550, 600}, a.data(), b.data(), result.data()); });
    for (std::thread& caller : callers) caller.join();
    if (first.empty()) first = c[0];
    for (const auto& result : c)
      if (result != first) std::exit(1);
  }
  std::exit(0);
}

class OpenBlasDeathTest : public testing::Test {
 protected:
  OpenBlasDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(OpenBlasDeathTest, TakesLargeProducts) {
  EXPECT_EXIT(products(), testing::ExitedWithCode(0), "");
}

TEST_F(OpenBlasDeathTest, GivesTheSameBitsForAnyNumberOfThreads) {
  EXPECT_EXIT(threads(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace keratin::kernels
