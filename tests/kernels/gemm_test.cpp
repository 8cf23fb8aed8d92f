#include "kernels/gemm.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <random>
#include <vector>

#include "core/threads.h"

namespace keratin::kernels {
namespace {

// One product with operands, a result surrounded by guards, and the scratch it asks for.
template <class T>
struct Case {
  GemmShape shape;
  std::vector<T> a, b, c;
  std::vector<std::max_align_t> scratch;
  static constexpr std::int64_t kGuard = 64;

  explicit Case(GemmShape s, unsigned seed = 1) : shape(s) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<T> uniform(-1, 1);
    a.resize(std::size_t(s.m * s.k) + 1);
    b.resize(std::size_t(s.k * s.n) + 1);
    c.assign(std::size_t(s.m * s.n + 2 * kGuard), T(77));
    for (T& x : a) x = uniform(random);
    for (T& x : b) x = uniform(random);
  }

  T* result() { return c.data() + kGuard; }

  void run(RowEpilogue epilogue = {}) {
    const std::size_t bytes = gemm_scratch_bytes(shape, dtype_of<T>());
    scratch.resize((bytes + 64) / sizeof(std::max_align_t) + 4);
    auto address = reinterpret_cast<std::uintptr_t>(scratch.data());
    address = (address + 63) / 64 * 64;
    gemm(shape, a.data(), b.data(), result(), epilogue,
         bytes ? reinterpret_cast<void*>(address) : nullptr);
  }

  double expected(std::int64_t i, std::int64_t j) const {
    double sum = 0;
    for (std::int64_t p = 0; p < shape.k; ++p)
      sum += double(shape.transpose_a ? a[std::size_t(p * shape.m + i)]
                                      : a[std::size_t(i * shape.k + p)]) *
             double(shape.transpose_b ? b[std::size_t(j * shape.k + p)]
                                      : b[std::size_t(p * shape.n + j)]);
    return sum;
  }

  void check() {
    const double tolerance = double(std::numeric_limits<T>::epsilon()) * (8 + double(shape.k));
    for (std::int64_t i = 0; i < shape.m; ++i)
      for (std::int64_t j = 0; j < shape.n; ++j)
        ASSERT_NEAR(double(result()[i * shape.n + j]), expected(i, j), tolerance) << i << ", " << j;
    for (std::int64_t g = 0; g < kGuard; ++g) {
      ASSERT_EQ(c[std::size_t(g)], T(77)) << "written before the result";
      ASSERT_EQ(result()[shape.m * shape.n + g], T(77)) << "written behind the result";
    }
  }
};

std::string name(const GemmShape& s) {
  return std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k) +
         (s.transpose_a ? " A transposed" : "") + (s.transpose_b ? " B transposed" : "");
}

const std::vector<GemmShape>& shapes() {
  static const std::vector<GemmShape> all = [] {
    std::vector<GemmShape> shapes;
    const std::int64_t sizes[][3] = {
        {1, 1, 1},      {1, 1, 9},      {2, 1, 3},     {1, 2, 3},       {3, 2, 1},
        {10, 10, 8},    {10, 5, 10},    {10, 1, 5},    {8, 10, 10},     {5, 7, 11},
        {6, 16, 4},     {7, 17, 5},     {13, 15, 16},  {12, 33, 40},    {1, 300, 200},
        {300, 1, 200},  {2, 65, 513},   {4, 129, 64},  {200, 3, 2},     {3, 200, 10},
        {128, 10, 512}, {50, 49, 321},  {25, 47, 640}, {520, 530, 515}, {33, 24, 65},
        {100, 100, 7},  {97, 131, 127}, {64, 64, 64},  {129, 257, 13},  {70, 16, 90},
        {70, 8, 90},    {128, 512, 40}, {5, 4100, 30}, {30, 4105, 20},  {1, 5000, 40},
        {700, 9, 41},   {256, 256, 330}};
    for (const auto& s : sizes)
      for (int t = 0; t < 4; ++t) shapes.push_back({s[0], s[1], s[2], (t & 1) != 0, (t & 2) != 0});
    for (std::int64_t m = 1; m <= 14; ++m)
      for (std::int64_t n : {1, 3, 8, 9, 15, 16, 18, 31, 32, 35, 64, 65})
        for (std::int64_t k : {1, 4, 6, 40, 83})
          shapes.push_back({m, n, k, (m + n) % 2 == 0, (m + k) % 2 == 0});
    return shapes;
  }();
  return all;
}

TEST(Gemm, FloatMatchesTheDefinition) {
  for (const GemmShape& s : shapes()) {
    SCOPED_TRACE(name(s));
    Case<float> product(s);
    product.run();
    product.check();
    if (HasFatalFailure()) return;
  }
}

TEST(Gemm, DoubleMatchesTheDefinition) {
  for (const GemmShape& s : shapes()) {
    SCOPED_TRACE(name(s));
    Case<double> product(s);
    product.run();
    product.check();
    if (HasFatalFailure()) return;
  }
}

TEST(Gemm, SameBitsForAnyNumberOfThreads) {
  const int before = num_threads();
  for (const GemmShape& s : shapes()) {
    SCOPED_TRACE(name(s));
    Case<float> one(s);
    set_num_threads(1);
    one.run();
    for (int threads : {2, 3}) {
      Case<float> many(s);
      set_num_threads(threads);
      many.run();
      EXPECT_EQ(std::memcmp(one.c.data(), many.c.data(), one.c.size() * sizeof(float)), 0)
          << threads;
    }
  }
  set_num_threads(before);
}

// The rows seen by an epilogue, which also looks whether they are finished.
struct Rows {
  const Case<float>* product;
  const float* expected;
  std::vector<int> seen;
  std::mutex mutex;
  int unfinished = 0;

  static void epilogue(void* context, std::int64_t begin, std::int64_t end) {
    Rows& rows = *static_cast<Rows*>(context);
    const std::lock_guard lock(rows.mutex);
    const std::int64_t n = rows.product->shape.n;
    const float* c = rows.product->c.data() + Case<float>::kGuard;
    for (std::int64_t i = begin; i < end; ++i) {
      ++rows.seen[std::size_t(i)];
      rows.unfinished +=
          std::memcmp(c + i * n, rows.expected + i * n, std::size_t(n) * sizeof(float)) != 0;
    }
  }
};

TEST(Gemm, EpilogueSeesEachFinishedRowOnce) {
  const int before = num_threads();
  for (int threads : {1, 3}) {
    set_num_threads(threads);
    for (const GemmShape& s : shapes()) {
      SCOPED_TRACE(name(s));
      Case<float> plain(s), product(s);
      plain.run();
      Rows rows{&product, plain.result(), std::vector<int>(std::size_t(s.m)), {}, 0};
      product.run({Rows::epilogue, &rows});
      EXPECT_EQ(rows.seen, std::vector<int>(std::size_t(s.m), 1));
      EXPECT_EQ(rows.unfinished, 0);
    }
  }
  set_num_threads(before);
}

TEST(Gemm, NoStepsMakeZero) {
  Case<float> product({3, 5, 0});
  int calls = 0;
  product.run({[](void* context, std::int64_t begin, std::int64_t end) {
                 *static_cast<int*>(context) += int(end - begin);
               },
               &calls});
  product.check();
  EXPECT_EQ(calls, 3);
  Case<double> again({3, 5, 0});
  again.run();
  again.check();
}

TEST(Gemm, EmptyResultsTouchNothing) {
  for (GemmShape s : {GemmShape{0, 5, 4}, GemmShape{5, 0, 4}, GemmShape{0, 0, 0}}) {
    Case<float> product(s);
    product.run({[](void*, std::int64_t, std::int64_t) { FAIL(); }, nullptr});
    product.check();
  }
}

TEST(Gemm, UnalignedOperands) {
  for (const GemmShape& s : {GemmShape{10, 10, 8}, GemmShape{97, 131, 127, true, true}}) {
    Case<float> aligned(s), shifted(s);
    aligned.run();
    std::vector<char> memory((shifted.a.size() + shifted.b.size()) * 4 + 8);
    // Four-byte alignment is all that a float has.
    float* a = reinterpret_cast<float*>(memory.data()) + 1;
    float* b = a + s.m * s.k;
    std::memcpy(a, shifted.a.data(), std::size_t(s.m * s.k) * 4);
    std::memcpy(b, shifted.b.data(), std::size_t(s.k * s.n) * 4);
    std::vector<float> c(std::size_t(s.m * s.n) + 1);
    void* scratch = std::aligned_alloc(64, gemm_scratch_bytes(s, DType::kFloat32) / 64 * 64 + 64);
    gemm(s, a, b, c.data() + 1, {}, scratch);
    std::free(scratch);
    EXPECT_EQ(std::memcmp(c.data() + 1, aligned.result(), std::size_t(s.m * s.n) * 4), 0);
  }
}

TEST(Gemm, NotFiniteNumbersGoThrough) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const GemmShape& s : shapes()) {
    if (s.k < 4) continue;
    SCOPED_TRACE(name(s));
    Case<float> product(s);
    // Row 0 of op(A) holds a NaN, the last one an infinity; nothing of it may reach other rows.
    const auto a_at = [&](std::int64_t i, std::int64_t p) -> float& {
      return product.a[std::size_t(s.transpose_a ? p * s.m + i : i * s.k + p)];
    };
    a_at(0, 1) = NAN;
    if (s.m > 1) a_at(s.m - 1, 3) = inf;
    product.run();
    for (std::int64_t i = 0; i < s.m; ++i)
      for (std::int64_t j = 0; j < s.n; ++j) {
        const float value = product.result()[i * s.n + j];
        ASSERT_EQ(std::isnan(value), i == 0) << i << ", " << j;
        ASSERT_EQ(std::isinf(value), i > 0 && i == s.m - 1) << i << ", " << j;
      }
  }
  // Zero times infinity is not a number: no zero is skipped.
  const float a[] = {0, 0}, b[] = {inf, 1, 2, 3};
  float c[2];
  gemm({1, 2, 2}, a, b, c);
  EXPECT_TRUE(std::isnan(c[0]));
  EXPECT_EQ(c[1], 0);
}

TEST(Gemm, ManyThreadsAtOnceEachWithScratch) {
  // Products from several threads at once share nothing.
  const GemmShape s{97, 131, 127};
  Case<float> expected(s);
  expected.run();
  std::atomic<int> different{0};
  parallel_for(4, [&](std::int64_t) {
    for (int i = 0; i < 5; ++i) {
      Case<float> product(s);
      product.run();
      different += product.c != expected.c;
    }
  });
  EXPECT_EQ(different, 0);
}

}  // namespace
}  // namespace keratin::kernels
