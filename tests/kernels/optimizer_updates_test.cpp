// Updates of optimizers against the formulas in double, over odd lengths and pieces for several
// threads.
#include "kernels/optimizer_updates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace keratin::kernels {
namespace {

using Floats = std::vector<float>;

Floats waves(std::int64_t n, float step, float low = -1) {
  Floats x(std::size_t(n), 0.0f);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = std::sin(step * float(i));
    if (low >= 0) x[i] = low + std::abs(x[i]);
  }
  return x;
}

void expect_near(const Floats& got, const std::vector<double>& wanted, const char* what) {
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(double(got[i]), wanted[i], 2e-6 * (1 + std::abs(wanted[i]))) << what << " " << i;
}

class Updates : public testing::TestWithParam<std::int64_t> {
 protected:
  std::int64_t n = GetParam();
  Floats w = waves(n, 0.31f), g = waves(n, 0.17f), m = waves(n, 0.05f), v = waves(n, 0.11f, 0.1f);

  template <class Fn>
  std::vector<double> each(const Fn& fn) const {
    std::vector<double> out;
    for (std::size_t i = 0; i < w.size(); ++i)
      out.push_back(fn(double(w[i]), double(g[i]), double(m[i]), double(v[i])));
    return out;
  }
};

TEST_P(Updates, Sgd) {
  const double rate = 0.1f, keep = 0.9f;
  const auto plain = each([&](double a, double d, double, double) { return a - rate * d; });
  const auto speed = each([&](double, double d, double s, double) { return keep * s - rate * d; });
  const auto moved =
      each([&](double a, double d, double s, double) { return a + keep * s - rate * d; });
  const auto ahead = each([&](double a, double d, double s, double) {
    return a + keep * (keep * s - rate * d) - rate * d;
  });
  Floats x = w;
  update_sgd({0.1f}, x.data(), g.data(), nullptr, n);
  expect_near(x, plain, "plain");
  Floats s = m;
  x = w;
  update_sgd({0.1f, 0.9f}, x.data(), g.data(), s.data(), n);
  expect_near(x, moved, "momentum");
  expect_near(s, speed, "velocity");
  s = m;
  x = w;
  update_sgd({0.1f, 0.9f, true}, x.data(), g.data(), s.data(), n);
  expect_near(x, ahead, "nesterov");
}

TEST_P(Updates, Adam) {
  const kernels::Adam step = kernels::Adam::at(4, 0.01f, 0.9, 0.999, 1e-7);
  EXPECT_NEAR(step.alpha, 0.01 * std::sqrt(1 - std::pow(0.999, 5)) / (1 - std::pow(0.9, 5)), 1e-6);
  const auto mean = each([](double, double d, double s, double) { return s + (d - s) * 0.1; });
  const auto square =
      each([](double, double d, double, double q) { return q + (d * d - q) * 0.001; });
  Floats x = w, s = m, q = v, top = waves(n, 0.07f, 0.3f);
  const Floats before = top;
  update_adam(step, x.data(), g.data(), s.data(), q.data(), top.data(), n);
  expect_near(s, mean, "mean");
  expect_near(q, square, "square");
  std::vector<double> largest, moved;
  for (std::size_t i = 0; i < w.size(); ++i) {
    largest.push_back(std::max(double(before[i]), square[i]));
    moved.push_back(double(w[i]) - mean[i] * double(step.alpha) / (std::sqrt(largest[i]) + 1e-7));
  }
  expect_near(top, largest, "largest");
  expect_near(x, moved, "weights");
}

TEST_P(Updates, RmsProp) {
  const RmsProp step{0.01f, 0.9f, 0.1f, 0.5f, 1e-4f};
  Floats x = w, q = v, speed = m, average = Floats(w.size(), 0.05f);
  update_rmsprop(step, x.data(), g.data(), q.data(), speed.data(), average.data(), n);
  std::vector<double> moved;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double d = double(g[i]), square = 0.9 * double(v[i]) + 0.1 * d * d;
    const double mean = 0.9 * 0.05 + 0.1 * d;
    const double change = 0.5 * double(m[i]) + 0.01 * d / std::sqrt(square - mean * mean + 1e-4);
    moved.push_back(double(w[i]) - change);
  }
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(double(x[i]), moved[i], 1e-4) << i;
}

TEST_P(Updates, Rest) {
  Floats x = w;
  decay_weights(x.data(), 0.1f, 0.5f, n);
  expect_near(x, each([](double a, double, double, double) { return a - a * 0.05; }), "decay");
  x = m;
  update_average(x.data(), w.data(), 0.75f, n);
  expect_near(x, each([](double a, double, double s, double) { return 0.75 * s + 0.25 * a; }),
              "average");
  x = m;
  accumulate(x.data(), g.data(), n);
  expect_near(x, each([](double, double d, double s, double) { return s + d; }), "sum");
  x = g;
  mean_with_accumulated(x.data(), m.data(), 3.0f, n);
  expect_near(x, each([](double, double d, double s, double) { return (d + s) / 3; }), "mean");
  x = g;
  scale_and_divide(x.data(), 3.0f, 7.0f, n);
  expect_near(x, each([](double, double d, double, double) { return d * 3 / 7; }), "scaled");
  x = g;
  clip_by_value(x.data(), -0.25f, 0.5f, n);
  expect_near(
      x, each([](double, double d, double, double) { return std::min(0.5, std::max(-0.25, d)); }),
      "clipped");
  double squares = 0;
  for (const float d : g) squares += double(d) * double(d);
  EXPECT_NEAR(sum_of_squares(g.data(), n), squares, 1e-5 * (1 + squares));
}

INSTANTIATE_TEST_SUITE_P(Lengths, Updates, testing::Values(1, 7, 16, 33, 1000, 100003));

}  // namespace
}  // namespace keratin::kernels
