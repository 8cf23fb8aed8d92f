// Pooling of float against that of double, over random windows.
#include "kernels/pool.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace keratin::kernels {
namespace {

TEST(Pool, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    PoolShape s;
    s.batch = 1 + random.below(4);
    s.channels = 1 + random.below(i % 3 ? 5 : 40);
    for (std::size_t axis = std::size_t(i % 3); axis < 3; ++axis) {
      s.in[axis] = 1 + random.below(8);
      for (std::int64_t count = 1 + random.below(6); count > 0; --count) {
        const std::int64_t begin = random.below(s.in[axis]);
        s.windows[axis].push_back({begin, begin + 1 + random.below(s.in[axis] - begin)});
      }
    }
    const auto from = std::size_t(s.batch * s.in_pixels() * s.channels);
    const auto to = std::size_t(s.batch * s.out_pixels() * s.channels);
    std::vector<float> x(from), y(to), d_y(to), d_x(from, 7);
    for (float& v : x) v = float(random.below(9)) - 4;  // with ties
    for (float& v : d_y) v = float(random.normal());
    const std::vector<double> x2(x.begin(), x.end()), d_y2(d_y.begin(), d_y.end());
    std::vector<double> y2(to), d_x2(from, 7);
    for (const Pooling kind : {Pooling::kMax, Pooling::kMean}) {
      pool(s, kind, x.data(), y.data());
      pool(s, kind, x2.data(), y2.data());
      pool_gradient(s, kind, x.data(), y.data(), d_y.data(), d_x.data());
      pool_gradient(s, kind, x2.data(), y2.data(), d_y2.data(), d_x2.data());
      for (std::size_t k = 0; k < to; ++k) ASSERT_NEAR(y[k], y2[k], 1e-5) << "case " << i;
      for (std::size_t k = 0; k < from; ++k) ASSERT_NEAR(d_x[k], d_x2[k], 1e-5) << "case " << i;
    }
  }
}

}  // namespace
}  // namespace keratin::kernels
