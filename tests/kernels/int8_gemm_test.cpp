// Products and convolutions of int8 against their definition: bit for bit, for whole numbers are
// summed, and each result is one multiplication and one division.
#include "kernels/int8_gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>
#include <vector>

#include "core/random.h"
#include "core/threads.h"
#include "kernels/int8_kernels.h"
#include "kernels/int8_panels.h"
#include "kernels/simd_targets.h"
// After the targets.
#include <hwy/highway.h>

namespace keratin::kernels {
namespace {

std::vector<float> random_numbers(Random& random, std::int64_t count, double most = 1) {
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (float& x : numbers) x = float((random.uniform() * 2 - 1) * most);
  return numbers;
}

std::vector<std::int8_t> random_bytes(Random& random, std::int64_t count) {
  std::vector<std::int8_t> bytes(static_cast<std::size_t>(count));
  for (std::int8_t& b : bytes) b = std::int8_t(std::int64_t(random.uniform() * 256) - 128);
  return bytes;
}

std::vector<float> random_scales(Random& random, std::int64_t count) {
  std::vector<float> scales(static_cast<std::size_t>(count));
  for (float& s : scales) s = float(0.5 + 100 * random.uniform());
  return scales;
}

float largest_of(const float* x, std::int64_t count) {
  float most = 0;
  for (std::int64_t i = 0; i < count; ++i) most = std::max(most, std::abs(x[i]));
  return most;
}

int whole(float x, float scale, const Int8Inputs& q) {
  return int(std::nearbyint(std::clamp(x * scale, q.low, q.high)));
}

struct Scratch {
  explicit Scratch(std::size_t bytes) : memory(bytes + 128, 0x55) {}
  void* get() {
    const auto p = reinterpret_cast<std::uintptr_t>(memory.data());
    return reinterpret_cast<void*>((p + 63) / 64 * 64);
  }
  std::vector<unsigned char> memory;
};

struct Product {
  std::int64_t m, n, k;
  std::vector<float> x, scales;
  std::vector<std::int8_t> kernel;
};

Product random_product(Random& random, std::int64_t m, std::int64_t n, std::int64_t k) {
  return {m,
          n,
          k,
          random_numbers(random, m * k, 3),
          random_scales(random, n),
          random_bytes(random, k * n)};
}

std::vector<float> plain(const Product& p, const Int8Inputs& q, float input_scale) {
  std::vector<float> y(static_cast<std::size_t>(p.m * p.n));
  for (std::int64_t i = 0; i < p.m; ++i) {
    const float* x = p.x.data() + i * p.k;
    const float scale = input_scale != 0 ? input_scale : q.high / (largest_of(x, p.k) + q.epsilon);
    for (std::int64_t j = 0; j < p.n; ++j) {
      std::int64_t sum = 0;
      for (std::int64_t s = 0; s < p.k; ++s)
        sum += whole(x[s], scale, q) * std::int64_t{p.kernel[std::size_t(s * p.n + j)]};
      y[std::size_t(i * p.n + j)] = float(sum) / (p.scales[std::size_t(j)] * scale);
    }
  }
  return y;
}

std::vector<float> ours(const Product& p, const Int8Inputs& q, float input_scale,
                        RowEpilogue epilogue = {}) {
  const Int8Product product(p.m, p.n, p.k, q);
  Scratch scratch(product.scratch_bytes());
  std::vector<float> y(static_cast<std::size_t>(p.m * p.n), -7.0F);
  product.run({p.x.data(), p.kernel.data(), p.scales.data(), input_scale, y.data()}, epilogue,
              scratch.get());
  return y;
}

TEST(Int8Product, IsThePlainSum) {
  Random random(1);
  for (int round = 0; round < 150; ++round) {
    const std::int64_t m = 1 + std::int64_t(random.uniform() * (round % 3 ? 40 : 7));
    const std::int64_t n = 1 + std::int64_t(random.uniform() * 200);
    const std::int64_t k = 1 + std::int64_t(random.uniform() * 300);
    const Product p = random_product(random, m, n, k);
    const Int8Inputs q = round % 5 ? Int8Inputs{} : Int8Inputs{-8, 7, 0.01F};
    for (const float scale : {0.0F, 50.0F})
      ASSERT_EQ(ours(p, q, scale), plain(p, q, scale)) << m << " x " << n << " x " << k;
  }
}

TEST(Int8Product, TakesEmptyAndExtremeShapes) {
  Random random(2);
  for (const auto& [m, n, k] :
       {std::tuple{0, 5, 3}, {3, 0, 4}, {1, 1, 1}, {7, 64, 4}, {6, 65, 1}}) {
    const Product p = random_product(random, m, n, k);
    EXPECT_EQ(ours(p, {}, 0), plain(p, {}, 0)) << m << " x " << n << " x " << k;
  }
}

TEST(Int8Product, IsTheSameForAnyNumberOfThreadsAndTellsOfEachRowOnce) {
  Random random(3);
  for (const std::int64_t m : {3, 300}) {
    const Product p = random_product(random, m, 700, 900);
    const int before = num_threads();
    set_num_threads(1);
    const std::vector<float> one = ours(p, {}, 0);
    set_num_threads(3);
    std::vector<std::atomic<int>> seen(static_cast<std::size_t>(m));
    const RowEpilogue epilogue{[](void* context, std::int64_t begin, std::int64_t end) {
                                 auto& rows = *static_cast<std::vector<std::atomic<int>>*>(context);
                                 for (std::int64_t i = begin; i < end; ++i) ++rows[std::size_t(i)];
                               },
                               &seen};
    EXPECT_EQ(ours(p, {}, 0, epilogue), one);
    set_num_threads(before);
    for (const std::atomic<int>& times : seen) EXPECT_EQ(times, 1);
  }
}

TEST(Int8Product, NotANumberStaysInItsRow) {
  Random random(4);
  Product p = random_product(random, 9, 20, 33);
  const std::vector<float> good = ours(p, {}, 0);
  p.x[4 * 33 + 30] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> y = ours(p, {}, 0);
  for (std::size_t i = 0; i < y.size(); ++i)
    if (i / 20 == 4)
      EXPECT_TRUE(std::isnan(y[i]));
    else
      EXPECT_EQ(y[i], good[i]);
}

ConvShape random_shape(Random& random) {
  const auto up_to = [&](std::int64_t most) {
    return 1 + std::int64_t(random.uniform() * double(most));
  };
  ConvShape s;
  s.batch = up_to(10);
  s.groups = random.uniform() < 0.5 ? 1 : up_to(9);
  s.channels_in = s.groups * up_to(9);
  s.channels_out = s.groups * up_to(s.groups == 1 ? 70 : 30);
  for (std::size_t a = random.uniform() < 0.3 ? 0 : 1; a < 3; ++a) {
    s.in[a] = up_to(11);
    s.kernel[a] = up_to(4);
    s.stride[a] = up_to(2);
    s.dilation[a] = s.stride[a] == 1 ? up_to(2) : 1;
    const std::int64_t reach = (s.kernel[a] - 1) * s.dilation[a] + 1;
    s.before[a] = std::int64_t(random.uniform() * double(reach));
    const std::int64_t after =
        std::max<std::int64_t>(reach - s.in[a] - s.before[a], up_to(reach) - 1);
    s.out[a] = (s.in[a] + s.before[a] + after - reach) / s.stride[a] + 1;
  }
  return s;
}

TEST(Int8Convolution, IsThePlainSum) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    const ConvShape s = random_shape(random);
    const auto x = random_numbers(random, s.batch * s.in_pixels() * s.channels_in);
    const auto kernel = random_bytes(random, s.taps() * s.group_in() * s.channels_out);
    const auto scales = random_scales(random, s.channels_out);
    const Int8Inputs q;
    const float scale = round % 4 ? 100.0F : 0.0F;
    const float used =
        scale != 0 ? scale : q.high / (largest_of(x.data(), std::int64_t(x.size())) + q.epsilon);
    std::vector<float> y(std::size_t(s.batch * s.out_pixels() * s.channels_out), -7.0F);
    const Int8Convolution conv(s, q);
    Scratch scratch(conv.scratch_bytes());
    conv.run({x.data(), kernel.data(), scales.data(), scale, y.data()}, {}, scratch.get());

    std::size_t at = 0;
    for (std::int64_t b = 0; b < s.batch; ++b)
      for (std::int64_t o = 0; o < s.out_pixels(); ++o)
        for (std::int64_t c = 0; c < s.channels_out; ++c, ++at) {
          std::int64_t sum = 0;
          for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
            std::int64_t pixel = b, rest_o = o, rest_t = tap, o_of[3], t_of[3];
            for (int a = 2; a >= 0; --a) {
              o_of[a] = rest_o % s.out[std::size_t(a)], rest_o /= s.out[std::size_t(a)];
              t_of[a] = rest_t % s.kernel[std::size_t(a)], rest_t /= s.kernel[std::size_t(a)];
            }
            bool inside = true;
            for (std::size_t a = 0; a < 3; ++a) {
              const std::int64_t i = o_of[a] * s.stride[a] + t_of[a] * s.dilation[a] - s.before[a];
              inside = inside && i >= 0 && i < s.in[a];
              pixel = pixel * s.in[a] + i;
            }
            const std::int64_t first = c / s.group_out() * s.group_in();  // of the group's channels
            for (std::int64_t e = 0; inside && e < s.group_in(); ++e)
              sum +=
                  whole(x[std::size_t(pixel * s.channels_in + first + e)], used, q) *
                  std::int64_t{kernel[std::size_t((tap * s.group_in() + e) * s.channels_out + c)]};
          }
          ASSERT_EQ(y[at], float(sum) * (1 / (scales[std::size_t(c)] * used))) << "round " << round;
        }
  }
}

// Every instruction set that this machine has.
TEST(Int8Kernels, AllInstructionSetsGiveTheSame) {
  Random random(6);
  std::vector<std::vector<float>> products, magnitudes;
  std::vector<std::vector<std::uint8_t>> bytes;
  const std::int64_t all = hwy::SupportedTargets();
  for (std::int64_t targets = all; targets != 0; targets &= targets - 1) {
    hwy::SetSupportedTargetsForTest(targets & -targets);
    const Int8Kernels kernels = choose_int8_kernels();
    Random same(7);
    std::vector<float> products_of, magnitudes_of;
    std::vector<std::uint8_t> bytes_of;
    for (int round = 0; round < 60; ++round) {
      const std::int64_t rows = 1 + round % kInt8Rows, vectors = 1 + round % 4, k = 1 + round;
      const std::int64_t columns = 16 * vectors - round % 7, quads = (k + 3) / 4;
      auto x = random_numbers(same, rows * 4 * quads, 200);
      x[0] = std::numeric_limits<float>::quiet_NaN();
      if (round % 2) x[std::size_t(rows * 4 * quads - 1)] = std::numeric_limits<float>::infinity();
      std::vector<std::uint8_t> q(x.size());
      kernels.quantize(x.data(), std::int64_t(x.size()), 0.7F, -127, 127, q.data());
      bytes_of.insert(bytes_of.end(), q.begin(), q.end());
      magnitudes_of.push_back(kernels.largest(x.data() + 1, std::int64_t(x.size()) - 1));
      EXPECT_TRUE(std::isnan(kernels.largest(x.data(), std::int64_t(x.size()))));

      const auto kernel = random_bytes(same, k * columns);
      std::vector<std::int8_t> panel(std::size_t(64 * vectors * quads));
      std::vector<std::int32_t> sums(std::size_t(16 * vectors));
      kernels.pack(kernel.data(), columns, k, columns, vectors, panel.data(), sums.data());
      const auto scales = random_scales(same, 16 * vectors);
      const std::int64_t offset = 0;
      Int8Tile t{};
      t.offsets = &offset, t.segments = 1, t.quads = quads;
      t.panel = panel.data(), t.sums = sums.data(), t.scales = scales.data();
      t.y_row = columns, t.columns = columns;
      Int8Direct d{};
      d.k = k, d.kernel = kernel.data(), d.step = columns, d.scales = scales.data();
      d.y_row = columns, d.columns = columns;
      for (std::int64_t i = 0; i < rows; ++i) {
        t.rows[i] = d.rows[i] = q.data() + i * 4 * quads;
        t.row_scales[i] = d.row_scales[i] = float(i + 1);
      }
      std::vector<float> y(std::size_t(rows * columns)), direct(y.size());
      t.y = y.data();
      kernels.tile(t, rows, vectors);
      products_of.insert(products_of.end(), y.begin(), y.end());
      if (!kernels.direct) continue;
      d.y = direct.data();
      kernels.direct(d, rows);
      EXPECT_EQ(direct, y);
    }
    products.push_back(std::move(products_of));
    magnitudes.push_back(std::move(magnitudes_of));
    bytes.push_back(std::move(bytes_of));
  }
  hwy::SetSupportedTargetsForTest(all);
  ASSERT_GE(products.size(), 1U);
  for (std::size_t i = 1; i < products.size(); ++i) {
    EXPECT_EQ(products[i], products[0]);
    EXPECT_EQ(magnitudes[i], magnitudes[0]);
    EXPECT_EQ(bytes[i], bytes[0]);
  }
}

}  // namespace
}  // namespace keratin::kernels
