// What the finite differences of tests/ops do not see: that factors multiply to what they are of,
// matrices of all forms and ranks, and LAPACK from several threads.
#include "kernels/linalg.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "core/threads.h"
#include "kernels/lapack.h"

namespace keratin::kernels {
namespace {

using Numbers = std::vector<double>;

Numbers numbers(std::int64_t count, unsigned seed) {
  Numbers x(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = std::sin(1.7 * double(i) + double(seed * i * i));
  return x;
}

// a[m, k] b[k, n]
Numbers product(const Numbers& a, const Numbers& b, std::int64_t m, std::int64_t k,
                std::int64_t n) {
  Numbers c(std::size_t(m * n));
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t p = 0; p < k; ++p)
      for (std::int64_t j = 0; j < n; ++j)
        c[std::size_t(i * n + j)] += a[std::size_t(i * k + p)] * b[std::size_t(p * n + j)];
  return c;
}

void expect_near(const Numbers& got, const Numbers& wanted, double tolerance = 1e-10) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], tolerance) << i;
}

TEST(Linalg, FactorsOfAllFormsMultiplyToTheMatrix) {
  for (const auto& [m, n] : {std::pair{1, 1}, {1, 4}, {5, 1}, {3, 3}, {7, 4}, {4, 7}, {40, 33}}) {
    const Numbers a = numbers(m * n, 1);
    const std::int64_t k = std::min(m, n);
    Numbers packed = a, l(std::size_t(m * k)), u(std::size_t(k * n));
    std::vector<std::int32_t> pivots(static_cast<std::size_t>(k));
    lu(m, n, packed.data(), pivots.data());
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        const double x = packed[std::size_t(i * n + j)];
        if (j < k && j <= i) l[std::size_t(i * k + j)] = i == j ? 1 : x;
        if (i < k && j >= i) u[std::size_t(i * n + j)] = x;
      }
    Numbers rows = product(l, u, m, k, n);
    for (std::int64_t i = k; i-- > 0;)
      std::swap_ranges(rows.begin() + i * n, rows.begin() + (i + 1) * n,
                       rows.begin() + pivots[std::size_t(i)] * n);
    expect_near(rows, a);

    for (const std::int64_t columns : {k, std::int64_t(m)}) {
      Numbers r = a, q(std::size_t(m * columns)), tau(static_cast<std::size_t>(k)), scratch(80);
      qr(m, n, r.data(), tau.data(), scratch.data());
      make_q(m, n, columns, r.data(), tau.data(), q.data(), scratch.data());
      r.resize(std::size_t(columns * n));
      for (std::int64_t i = 0; i < columns; ++i)
        std::fill_n(r.begin() + i * n, std::min<std::int64_t>(i, n), 0.0);
      expect_near(product(q, r, m, columns, n), a);
    }
  }
}

TEST(Linalg, CholeskyTakesOnlyPositiveDefiniteMatrices) {
  Numbers a = {4, 9, 2, 5};  // the upper half does not count
  EXPECT_TRUE(cholesky(2, a.data()));
  expect_near(a, {2, 0, 1, 2});
  Numbers indefinite = {1, 2, 2, 1}, semidefinite = {1, 1, 1, 1}, nothing = {NAN, 0, 0, 1};
  EXPECT_FALSE(cholesky(2, indefinite.data()));
  EXPECT_FALSE(cholesky(2, semidefinite.data()));
  EXPECT_FALSE(cholesky(2, nothing.data()));
}

Numbers cofactors_of(Numbers a, std::int64_t n) {
  Numbers out(a.size()), scratch(static_cast<std::size_t>(n));
  std::vector<std::int32_t> order(std::size_t(2 * n));
  cofactors(n, a.data(), out.data(), order.data(), scratch.data());
  return out;
}

TEST(Linalg, CofactorsOfMatricesOfAnyRank) {
  expect_near(cofactors_of({3}, 1), {1});
  expect_near(cofactors_of({0}, 1), {1});
  expect_near(cofactors_of({1, 2, 3, 4}, 2), {4, -3, -2, 1});
  expect_near(cofactors_of({0, 0, 0, 5}, 2), {5, 0, 0, 0});
  expect_near(cofactors_of({0, 0, 0, 0}, 2), {0, 0, 0, 0});
  expect_near(cofactors_of({2, 0, 1, 1, 3, 0, 0, 4, 1}, 3), {3, -1, 4, 4, 2, -8, -3, 1, 6});
  expect_near(cofactors_of({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3), {-3, 6, -3, 6, -12, 6, -3, 6, -3});
  expect_near(cofactors_of({1, 2, 3, 2, 4, 6, 3, 6, 9}, 3), Numbers(9, 0));
}

template <class T>
void expect_svd(std::int64_t m, std::int64_t n, bool full) {
  const Numbers wide = numbers(m * n, 2);
  const std::vector<T> a(wide.begin(), wide.end());
  const std::int64_t k = std::min(m, n), left = full ? m : k, right = full ? n : k;
  const Svd svd({m, n, true, full, sizeof(T) == 8});
  std::vector<T> u(std::size_t(m * left)), s(static_cast<std::size_t>(k)),
      vt(std::size_t(right * n));
  std::vector<char> scratch(svd.scratch_bytes() + 64);
  svd.run(a.data(), u.data(), s.data(), vt.data(), scratch.data());
  Numbers back(wide.size());
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t c = 0; c < k; ++c)
        back[std::size_t(i * n + j)] += double(u[std::size_t(i * left + c)]) *
                                        double(s[std::size_t(c)]) *
                                        double(vt[std::size_t(c * n + j)]);
  expect_near(back, wide, sizeof(T) == 8 ? 1e-10 : 1e-4);
}

TEST(Lapack, SingularVectorsMultiplyToTheMatrix) {
  ASSERT_TRUE(lapack_is_there());
  for (const bool full : {false, true})
    for (const auto& [m, n] : {std::pair{1, 1}, {3, 3}, {7, 4}, {2, 9}, {60, 45}}) {
      expect_svd<float>(m, n, full);
      expect_svd<double>(m, n, full);
    }
}

TEST(Lapack, NothingFiniteComesOfWhatIsNot) {
  const float a[4] = {1, INFINITY, 2, 3};
  float u[4], s[2], vt[4];
  const Svd svd({2, 2, true, false, false});
  const Eigh eigh(2, false);
  std::vector<char> scratch(std::max(svd.scratch_bytes(), eigh.scratch_bytes()));
  svd.run(a, u, s, vt, scratch.data());
  EXPECT_TRUE(std::isnan(u[0]) && std::isnan(s[1]) && std::isnan(vt[3]));
  eigh.run(a, s, u, scratch.data());
  EXPECT_TRUE(std::isnan(u[0]) && std::isnan(s[1]));
}

TEST(Lapack, IsNotThereForThreadsThatMayNotWait) {
  const Alone alone;
  EXPECT_FALSE(lapack_is_there());
}

TEST(Lapack, ThreadsAtOnceGetTheSameBits) {
  const std::int64_t n = 70;
  Numbers a = numbers(n * n, 3);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < i; ++j) a[std::size_t(j * n + i)] = a[std::size_t(i * n + j)];
  const Eigh eigh(n, true);
  const Svd svd({n, n, true, true, true});
  std::vector<Numbers> results(8, Numbers(std::size_t(3 * n * n + 2 * n)));
  std::vector<std::thread> threads;
  for (Numbers& result : results)
    threads.emplace_back([&] {
      std::vector<char> scratch(std::max(svd.scratch_bytes(), eigh.scratch_bytes()));
      for (int time = 0; time < 5; ++time) {
        double* to = result.data();
        eigh.run(a.data(), to, to + n, scratch.data());
        to += n + n * n;
        svd.run(a.data(), to, to + n * n, to + n * n + n, scratch.data());
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const Numbers& result : results) EXPECT_EQ(result, results[0]);
}

}  // namespace
}  // namespace keratin::kernels
