// KERATIN_TEST_TARGETS=AVX2 or SSE4 runs this program as an older machine would: ctest does so with
// all of its tests.
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cstdlib>
#include <string>

#include "kernels/bfloat16_kernels.h"
#include "kernels/gemm_kernels.h"

namespace keratin::kernels {
namespace {

std::string chosen() {
  const char* name = std::getenv("KERATIN_TEST_TARGETS");
  return name == nullptr ? "" : name;
}

#if HWY_ARCH_X86_64
// Before any kernel is chosen, which is for good.
[[maybe_unused]] const bool is_limited = [] {
  if (chosen() == "AVX2") hwy::SetSupportedTargetsForTest(HWY_AVX2 | HWY_SSE4);
  if (chosen() == "SSE4") hwy::SetSupportedTargetsForTest(HWY_SSE4);
  return !chosen().empty();
}();
#endif

TEST(Targets, AreThoseThatWereAskedFor) {
  EXPECT_GE(gemm_kernels().columns, 8);
  if (chosen().empty()) return;
  EXPECT_EQ(gemm_kernels().columns, chosen() == "AVX2" ? 16 : 8);
  EXPECT_EQ(bfloat16_kernels(), nullptr);
}

}  // namespace
}  // namespace keratin::kernels
