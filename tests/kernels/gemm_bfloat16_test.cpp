#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "core/threads.h"
#include "kernels/bfloat16.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/gemm.h"

namespace keratin::kernels {
namespace {

TEST(BFloat16, RoundsToTheNearestTiesToEven) {
  const auto of = [](std::uint32_t bits) { return std::bit_cast<float>(bits); };
  EXPECT_EQ(round_to_bfloat16(1.0f), 1.0f);
  EXPECT_EQ(round_to_bfloat16(of(0x3f808000)), of(0x3f800000));  // a tie: down to even
  EXPECT_EQ(round_to_bfloat16(of(0x3f818000)), of(0x3f820000));  // a tie: up to even
  EXPECT_EQ(round_to_bfloat16(of(0x3f808001)), of(0x3f810000));
  EXPECT_EQ(round_to_bfloat16(of(0xbf808001)), of(0xbf810000));
  EXPECT_EQ(round_to_bfloat16(3.4e38f), of(0x7f800000));
  EXPECT_EQ(round_to_bfloat16(-INFINITY), -INFINITY);
  EXPECT_TRUE(std::isnan(round_to_bfloat16(of(0x7f800001))));
  EXPECT_TRUE(std::isnan(round_to_bfloat16(of(0xffffffff))));
}

TEST(BFloat16, PairsAreRoundedAlike) {
  const BFloat16Kernels* kernels = bfloat16_kernels();
  if (kernels == nullptr) GTEST_SKIP() << "the machine has no AVX512_BF16";
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (std::int64_t k : {1, 2, 3, 31, 32, 33, 64, 77})
    for (std::int64_t columns : {1, 5, 16, 17, 32, 40}) {
      const std::int64_t pairs = (k + 1) / 2;
      std::vector<float> x(std::size_t(k * columns));  // [k, columns], and as [columns, k]
      for (float& value : x) value = normal(random);
      const auto half = [](float v) { return std::bit_cast<std::uint32_t>(v) >> 16; };
      const auto check = [&](const std::vector<float>& to, bool transposed, bool rows) {
        for (std::int64_t p = 0; p < pairs; ++p)
          for (std::int64_t j = 0; j < columns; ++j) {
            const auto from = [&](std::int64_t step) {
              if (step >= k) return 0.0f;
              return x[std::size_t(transposed ? j * k + step : step * columns + j)];
            };
            const std::uint32_t expected = half(round_to_bfloat16(from(2 * p))) |
                                           half(round_to_bfloat16(from(2 * p + 1))) << 16;
            const float got = to[std::size_t(rows ? j * pairs + p : p * columns + j)];
            ASSERT_EQ(std::bit_cast<std::uint32_t>(got), expected)
                << k << " " << columns << " " << p << " " << j;
          }
      };
      std::vector<float> to(std::size_t(pairs * columns));
      kernels->round_steps(x.data(), columns, k, columns, to.data(), columns);
      check(to, false, false);
      kernels->round_columns(x.data(), columns, k, columns, to.data(), pairs);
      check(to, false, true);
      kernels->round_transposed(x.data(), k, k, columns, to.data(), columns);
      check(to, true, false);
      kernels->round_rows(x.data(), k, columns, k, to.data(), pairs);
      check(to, true, true);
    }
}

// Other machines' ways.
struct Only {
  explicit Only(BFloat16Unit unit) {
    limit_bfloat16_kernels(unit);
    EXPECT_TRUE(unit != BFloat16Unit::kNone || bfloat16_kernels() == nullptr);
  }
  ~Only() { limit_bfloat16_kernels(BFloat16Unit::kMatrices); }
};

struct Case {
  GemmShape shape;
  std::vector<float> a, b, c;
  std::vector<std::max_align_t> scratch;
  static constexpr std::int64_t kGuard = 64;

  explicit Case(GemmShape s) : shape(s) {
    shape.precision = Precision::kBFloat16;
    std::mt19937 random(1);
    std::uniform_real_distribution<float> uniform(-1, 1);
    a.resize(std::size_t(s.m * s.k));
    b.resize(std::size_t(s.k * s.n));
    c.assign(std::size_t(s.m * s.n + 2 * kGuard), 77.0f);
    for (float& x : a) x = uniform(random);
    for (float& x : b) x = uniform(random);
  }

  float* result() { return c.data() + kGuard; }

  void run(RowEpilogue epilogue = {}) {
    const std::size_t bytes = gemm_scratch_bytes(shape, DType::kFloat32);
    scratch.resize((bytes + 64) / sizeof(std::max_align_t) + 4);
    const auto address = (reinterpret_cast<std::uintptr_t>(scratch.data()) + 63) / 64 * 64;
    gemm(shape, a.data(), b.data(), result(), epilogue, reinterpret_cast<void*>(address));
  }

  // The definition, of rounded operands.
  void check() {
    const double tolerance = 1.2e-7 * (8 + double(shape.k));
    for (float& x : a) x = round_to_bfloat16(x);
    for (float& x : b) x = round_to_bfloat16(x);
    for (std::int64_t i = 0; i < shape.m; ++i)
      for (std::int64_t j = 0; j < shape.n; ++j) {
        double sum = 0;
        for (std::int64_t p = 0; p < shape.k; ++p)
          sum += double(a[std::size_t(shape.transpose_a ? p * shape.m + i : i * shape.k + p)]) *
                 double(b[std::size_t(shape.transpose_b ? j * shape.k + p : p * shape.n + j)]);
        ASSERT_NEAR(double(result()[i * shape.n + j]), sum, tolerance) << i << ", " << j;
      }
    for (std::int64_t g = 0; g < kGuard; ++g) {
      ASSERT_EQ(c[std::size_t(g)], 77.0f) << "written before the result";
      ASSERT_EQ(result()[shape.m * shape.n + g], 77.0f) << "written behind the result";
    }
  }
};

std::vector<GemmShape> shapes() {
  std::vector<GemmShape> all;
  const std::int64_t sizes[][3] = {{1, 1, 1},       {1, 1, 9},       {10, 5, 10},   {7, 17, 5},
                                   {13, 15, 16},    {1, 300, 200},   {300, 1, 200}, {200, 3, 2},
                                   {128, 10, 512},  {50, 49, 321},   {25, 47, 640}, {130, 70, 65},
                                   {520, 130, 515}, {129, 257, 13},  {700, 9, 641}, {256, 256, 330},
                                   {5, 4100, 30},   {140, 4105, 20}, {1, 5000, 40}};
  for (const auto& s : sizes)
    for (int t = 0; t < 4; ++t) all.push_back({s[0], s[1], s[2], (t & 1) != 0, (t & 2) != 0});
  std::mt19937 random(7);
  const auto any = [&](std::int64_t most) {
    return std::int64_t(random() % std::uint64_t(most)) + 1;
  };
  for (int i = 0; i < 150; ++i)
    all.push_back({any(i % 2 ? 300 : 30), any(90), any(i % 3 ? 90 : 700), random() % 2 == 0,
                   random() % 2 == 0});
  return all;
}

std::string name(const GemmShape& s) {
  return std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k) +
         (s.transpose_a ? " A transposed" : "") + (s.transpose_b ? " B transposed" : "");
}

void check_all() {
  for (const GemmShape& s : shapes()) {
    SCOPED_TRACE(name(s));
    Case product(s);
    product.run();
    product.check();
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(GemmBFloat16, MatchesTheDefinitionOfRoundedOperands) { check_all(); }

TEST(GemmBFloat16, RoundsAlikeWithoutInstructionsForIt) {
  const Only scope(BFloat16Unit::kNone);
  check_all();
}

TEST(GemmBFloat16, RoundsAlikeByVectors) {
  const Only scope(BFloat16Unit::kVectors);
  check_all();
}

TEST(GemmBFloat16, SameBitsForAnyNumberOfThreads) {
  const int before = num_threads();
  for (const GemmShape& s : shapes()) {
    SCOPED_TRACE(name(s));
    Case one(s);
    set_num_threads(1);
    one.run();
    for (int threads : {2, 3}) {
      Case many(s);
      set_num_threads(threads);
      many.run();
      EXPECT_EQ(std::memcmp(one.c.data(), many.c.data(), one.c.size() * sizeof(float)), 0);
    }
  }
  set_num_threads(before);
}

TEST(GemmBFloat16, EachRowIsHandedOnOnceWhenDone) {
  for (const GemmShape& s : shapes()) {
    SCOPED_TRACE(name(s));
    Case product(s), doubled(s);
    product.run();
    struct Context {
      float* c;
      std::int64_t n;
    } context{doubled.result(), s.n};
    doubled.run({[](void* p, std::int64_t begin, std::int64_t end) {
                   const auto& context = *static_cast<Context*>(p);
                   for (std::int64_t i = begin * context.n; i < end * context.n; ++i)
                     context.c[i] *= 2;
                 },
                 &context});
    for (std::int64_t i = 0; i < s.m * s.n; ++i)
      ASSERT_EQ(doubled.result()[i], 2 * product.result()[i]) << i;
  }
}

TEST(GemmBFloat16, NotFiniteNumbersGoThrough) {
  for (const std::int64_t k : {3, 64}) {
    Case product({20, 40, k, false, false});
    product.a[std::size_t(5 * k + k - 1)] = INFINITY;
    product.b[7] = NAN;
    product.run();
    for (std::int64_t i = 0; i < 20; ++i)
      for (std::int64_t j = 0; j < 40; ++j)
        EXPECT_EQ(std::isfinite(product.result()[i * 40 + j]), i != 5 && j != 7) << i << " " << j;
  }
}

}  // namespace
}  // namespace keratin::kernels
