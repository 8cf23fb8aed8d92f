// Attention in blocks against the plain formula, over shapes that do and do not fill its blocks.
#include "kernels/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace keratin::kernels {
namespace {

struct Sizes {
  std::int64_t batch, t, s, heads, key_heads, depth, width;
  bool causal;
  int mask;  // 0: none; 1: of keys, [batch, 1, 1, s]; 2: of scores, [1, heads, t, s]
  double scale = 0.3;
};

AttentionShape shape_of(const Sizes& z) {
  AttentionShape s{z.batch, z.t,      z.s,        z.heads, z.key_heads, z.depth, z.width,
                   z.scale, z.causal, z.mask > 0, 0,       0,           0,       0};
  if (z.mask == 1) s.mask_batch = z.s, s.mask_column = 1;
  if (z.mask == 2) s.mask_head = z.t * z.s, s.mask_row = z.s, s.mask_column = 1;
  return s;
}

struct Arrays {
  std::vector<double> q, k, v, mask, d_out;
  explicit Arrays(const Sizes& z) {
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    const auto fill = [&](std::vector<double>& x, std::int64_t n) {
      x.resize(std::size_t(n));
      for (double& e : x) e = float(normal(random));
    };
    fill(q, z.batch * z.t * z.heads * z.depth);
    fill(k, z.batch * z.s * z.key_heads * z.depth);
    fill(v, z.batch * z.s * z.key_heads * z.width);
    fill(d_out, z.batch * z.t * z.heads * z.width);
    fill(mask, z.mask == 1 ? z.batch * z.s : z.heads * z.t * z.s);
    for (double& e : mask) e = e > -0.5;
    if (z.mask == 1)
      for (std::int64_t j = 0; j < z.s; ++j)
        mask[std::size_t(j)] = 0;  // the first sample sees none
  }
};

template <class T>
struct Results {
  std::vector<T> out, kept, dq, dk, dv;
};

template <class T>
Results<T> computed(const Sizes& z, const Arrays& a, Precision precision = Precision::kFull) {
  AttentionShape s = shape_of(z);
  s.precision = precision;
  const auto as = [](const std::vector<double>& x) { return std::vector<T>(x.begin(), x.end()); };
  const std::vector<T> q = as(a.q), k = as(a.k), v = as(a.v), mask = as(a.mask), d = as(a.d_out);
  Results<T> r;
  r.out.assign(d.size(), T(NAN));
  r.kept.assign(std::size_t(z.batch * z.heads * z.t * 2), T(NAN));
  r.dq.assign(q.size(), T(NAN));
  r.dk.assign(k.size(), T(NAN));
  r.dv.assign(v.size(), T(NAN));
  std::vector<std::byte> scratch(
      std::max(attention_scratch_bytes<T>(s, false), attention_scratch_bytes<T>(s, true)) + 64);
  void* aligned = scratch.data();
  std::size_t space = scratch.size();
  std::align(64, 1, aligned, space);
  attention(s, q.data(), k.data(), v.data(), mask.data(), r.out.data(), r.kept.data(), aligned);
  attention_gradient(s, q.data(), k.data(), v.data(), mask.data(), r.kept.data(), d.data(),
                     AttentionGradient<T>{r.dq.data(), r.dk.data(), r.dv.data()}, aligned);
  return r;
}

Results<double> plain(const Sizes& z, const Arrays& a) {
  Results<double> r;
  r.out.assign(a.d_out.size(), 0);
  r.dq.assign(a.q.size(), 0);
  r.dk.assign(a.k.size(), 0);
  r.dv.assign(a.v.size(), 0);
  const auto at = [](std::int64_t b, std::int64_t n, std::int64_t steps, std::int64_t h,
                     std::int64_t heads, std::int64_t width) {
    return std::size_t(((b * steps + n) * heads + h) * width);
  };
  for (std::int64_t b = 0; b < z.batch; ++b)
    for (std::int64_t h = 0; h < z.heads; ++h)
      for (std::int64_t i = 0; i < z.t; ++i) {
        const std::int64_t kh = h / (z.heads / z.key_heads);
        const std::size_t qi = at(b, i, z.t, h, z.heads, z.depth),
                          yi = at(b, i, z.t, h, z.heads, z.width);
        std::vector<double> p(std::size_t(z.s)), dp(p.size());
        std::vector<char> seen(p.size());
        double sum = 0, top = -1e300, mean = 0;
        for (std::int64_t j = 0; j < z.s; ++j) {
          const std::size_t ki = at(b, j, z.s, kh, z.key_heads, z.depth), n = std::size_t(j);
          for (std::int64_t c = 0; c < z.depth; ++c)
            p[n] += a.q[qi + std::size_t(c)] * a.k[ki + std::size_t(c)] * z.scale;
          seen[n] = (!z.causal || j <= i) &&
                    (z.mask == 0 ||
                     a.mask[std::size_t(z.mask == 1 ? b * z.s + j : (h * z.t + i) * z.s + j)] != 0);
          if (!seen[n]) p[n] = -1e38;
          top = std::max(top, p[n]);
        }
        for (double& e : p) sum += e = std::exp(e - top);
        for (double& e : p) e /= sum;
        for (std::int64_t j = 0; j < z.s; ++j) {
          const std::size_t vi = at(b, j, z.s, kh, z.key_heads, z.width), n = std::size_t(j);
          for (std::size_t c = 0; c < std::size_t(z.width); ++c) {
            r.out[yi + c] += p[n] * a.v[vi + c];
            dp[n] += a.d_out[yi + c] * a.v[vi + c];
            r.dv[vi + c] += p[n] * a.d_out[yi + c];
          }
          mean += p[n] * dp[n];
        }
        for (std::int64_t j = 0; j < z.s; ++j) {
          const std::size_t ki = at(b, j, z.s, kh, z.key_heads, z.depth), n = std::size_t(j);
          const double ds = seen[n] ? p[n] * (dp[n] - mean) * z.scale : 0;
          for (std::size_t c = 0; c < std::size_t(z.depth); ++c) {
            r.dq[qi + c] += ds * a.k[ki + c];
            r.dk[ki + c] += ds * a.q[qi + c];
          }
        }
      }
  return r;
}

template <class T>
void expect_near(const std::vector<T>& got, const std::vector<double>& wanted, double tolerance) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(double(got[i]), wanted[i], tolerance * (1 + std::abs(wanted[i]))) << i;
}

TEST(Attention, IsThePlainFormula) {
  const Sizes all[] = {
      {1, 1, 1, 1, 1, 1, 1, false, 0},        {2, 3, 5, 4, 2, 3, 2, false, 0},
      {2, 70, 70, 2, 2, 16, 16, true, 0},     {1, 200, 130, 2, 1, 7, 9, true, 0},
      {1, 33, 90, 3, 3, 64, 33, true, 0},     {2, 65, 1100, 2, 1, 8, 40, false, 0},
      {2, 70, 40, 2, 2, 16, 16, false, 1},    {2, 66, 66, 4, 2, 5, 6, true, 1},
      {2, 40, 70, 2, 1, 12, 12, false, 2},    {1, 100, 100, 2, 2, 32, 32, true, 2},
      {1, 9, 20, 1, 1, 200, 170, false, 0},   {2, 20, 17, 2, 2, 4, 4, false, 0, -0.5},
      {2, 20, 17, 2, 2, 4, 4, true, 1, -3.0}, {3, 5, 5, 2, 2, 4, 4, false, 0, 0.0},
  };
  for (const Sizes& z : all) {
    SCOPED_TRACE(testing::Message() << z.batch << " " << z.t << " " << z.s << " " << z.heads << "/"
                                    << z.key_heads << " " << z.depth << " " << z.width
                                    << (z.causal ? " causal" : "") << " mask " << z.mask);
    const Arrays arrays(z);
    const Results<double> wanted = plain(z, arrays), exact = computed<double>(z, arrays);
    const Results<float> got = computed<float>(z, arrays);
    const auto check = [](const auto& r, const Results<double>& w, double tolerance) {
      expect_near(r.out, w.out, tolerance);
      expect_near(r.dq, w.dq, tolerance);
      expect_near(r.dk, w.dk, tolerance);
      expect_near(r.dv, w.dv, tolerance);
    };
    check(exact, wanted, 1e-10);
    check(got, wanted, 2e-4);
    // Each product's operands are rounded by 2^-9 at most: relative to what is summed.
    const Results<float> rounded = computed<float>(z, arrays, Precision::kBFloat16);
    const auto check_all = [](const std::vector<float>& r, const std::vector<double>& w) {
      double difference = 0, size = 1e-12;
      for (std::size_t i = 0; i < w.size(); ++i) {
        difference += (double(r[i]) - w[i]) * (double(r[i]) - w[i]);
        size += w[i] * w[i];
      }
      EXPECT_LT(std::sqrt(difference / size), 0.02);
    };
    check_all(rounded.out, wanted.out);
    check_all(rounded.dq, wanted.dq);
    check_all(rounded.dk, wanted.dk);
    check_all(rounded.dv, wanted.dv);
  }
}

}  // namespace
}  // namespace keratin::kernels
