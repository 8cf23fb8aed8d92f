// Convolutions against their definition, over shapes of all kinds.
#include "kernels/conv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/random.h"
#include "core/threads.h"
#include "kernels/bfloat16.h"
#include "kernels/bfloat16_kernels.h"
#include "kernels/conv_plain.h"

namespace keratin::kernels {
namespace {

using Numbers = std::vector<float>;

Numbers random_numbers(Random& random, std::int64_t count) {
  Numbers numbers(static_cast<std::size_t>(count));
  for (float& x : numbers) x = float(random.uniform() * 2 - 1);
  return numbers;
}

struct Sides {
  Numbers x, kernel, y;
};

Sides sides_of(const ConvShape& s, Random& random) {
  return {random_numbers(random, s.batch * s.in_pixels() * s.channels_in),
          random_numbers(random, s.taps() * s.group_in() * s.channels_out),
          random_numbers(random, s.batch * s.out_pixels() * s.channels_out)};
}

void expect_near(const Numbers& got, const std::vector<double>& expected, double tolerance,
                 const std::string& what) {
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], tolerance) << what << ", element " << i;
}

std::vector<double> in_double(const Numbers& numbers) { return {numbers.begin(), numbers.end()}; }

struct Scratch {
  explicit Scratch(std::size_t bytes) : memory(bytes / 4 + 32, 7.0f) {}
  void* get() {
    auto p = reinterpret_cast<std::uintptr_t>(memory.data());
    return reinterpret_cast<void*>((p + 63) / 64 * 64);
  }
  Numbers memory;
};

struct Results {
  Numbers y, d_x, d_kernel;
};

Results run_all(const ConvShape& s, const Sides& sides) {
  Results r{Numbers(sides.y.size(), 5), Numbers(sides.x.size(), 5),
            Numbers(sides.kernel.size(), 5)};
  const Convolution forward(s, Convolution::Way::kOutput), back(s, Convolution::Way::kInput);
  const KernelGradient gradient(s);
  Scratch a(forward.scratch_bytes()), b(back.scratch_bytes()), c(gradient.scratch_bytes());
  forward.run(sides.x.data(), sides.kernel.data(), r.y.data(), {}, a.get());
  back.run(sides.y.data(), sides.kernel.data(), r.d_x.data(), {}, b.get());
  gradient.run(sides.x.data(), sides.y.data(), r.d_kernel.data(), c.get());
  return r;
}

std::string text_of(const ConvShape& s) {
  std::ostringstream out;
  out << "batch " << s.batch << " in " << s.channels_in << " out " << s.channels_out << " groups "
      << s.groups << (s.precision == Precision::kBFloat16 ? " bfloat16" : "");
  for (std::size_t i = 0; i < 3; ++i)
    out << " | " << s.in[i] << " -> " << s.out[i] << " kernel " << s.kernel[i] << " stride "
        << s.stride[i] << " dilation " << s.dilation[i] << " before " << s.before[i];
  return out.str();
}

void check(const ConvShape& s, Random& random, Precision precision) {
  ConvShape of_precision = s;
  of_precision.precision = precision;
  Sides sides = sides_of(s, random);
  const Results got = run_all(of_precision, sides);
  if (precision == Precision::kBFloat16 && !s.is_depthwise())
    for (Numbers* numbers : {&sides.x, &sides.kernel, &sides.y})
      for (float& number : *numbers) number = round_to_bfloat16(number);
  // Winograd rounds what it made of the operands: the error is some roundings of all products.
  const bool transformed =
      precision == Precision::kBFloat16 &&
      (Winograd::pays(of_precision) || WinogradKernelGradient::pays(of_precision));
  const double unit = transformed ? 0.008 : 3e-6;
  const auto x = in_double(sides.x), kernel = in_double(sides.kernel), y = in_double(sides.y);
  std::vector<double> y2(y.size()), d_x(x.size()), d_kernel(kernel.size());
  plain_convolution(s, x.data(), kernel.data(), y2.data());
  plain_input_gradient(s, y.data(), kernel.data(), d_x.data());
  plain_kernel_gradient(s, x.data(), y.data(), d_kernel.data());
  const double in = double(s.taps() * s.group_in()), out = double(s.taps() * s.group_out());
  expect_near(got.y, y2, unit * (1 + std::sqrt(in)), "y of " + text_of(s));
  expect_near(got.d_x, d_x, unit * (1 + std::sqrt(out)), "d_x of " + text_of(s));
  expect_near(got.d_kernel, d_kernel, unit * (1 + std::sqrt(double(s.batch * s.out_pixels()))),
              "d_kernel of " + text_of(s));
}

void check(const ConvShape& s, Random& random) {
  check(s, random, Precision::kFull);
  if (!testing::Test::HasFatalFailure()) check(s, random, Precision::kBFloat16);
}

// Any kernel, stride, dilation and padding along an axis, windows that end beyond x included.
void draw_axis(ConvShape& s, std::size_t i, Random& random, std::int64_t most) {
  s.in[i] = 1 + random.below(most);
  s.kernel[i] = 1 + random.below(5);
  s.stride[i] = 1 + (random.below(2) ? random.below(4) : 0);
  s.dilation[i] = 1 + (random.below(3) ? 0 : random.below(3));
  const std::int64_t reach = (s.kernel[i] - 1) * s.dilation[i] + 1;
  s.before[i] = random.below(2) ? random.below(reach) : 0;
  s.out[i] = 1 + random.below((s.in[i] + reach) / s.stride[i] + 1);
}

TEST(Conv, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 400; ++i) {
    ConvShape s;
    s.batch = 1 + random.below(i % 10 == 0 ? 20 : 3);
    for (std::size_t axis = std::size_t(i % 3); axis < 3; ++axis)
      draw_axis(s, axis, random, i % 3 == 0 ? 6 : 14);
    s.groups = i % 4 == 0 ? 1 + random.below(5) : 1;
    s.channels_in = s.groups * (i % 8 == 0 ? 1 : 1 + random.below(20));
    s.channels_out = s.groups * (i % 8 == 0 ? 1 : 1 + random.below(i % 5 == 0 ? 80 : 20));
    check(s, random);
    if (HasFatalFailure()) return;
  }
}

// As other machines do it.
TEST(Conv, BFloat16ByVectors) {
  limit_bfloat16_kernels(BFloat16Unit::kVectors);
  Random random(8);
  for (int i = 0; i < 60 && !HasFatalFailure(); ++i) {
    ConvShape s;
    s.batch = 2;
    for (std::size_t axis = std::size_t(1 + i % 2); axis < 3; ++axis)
      draw_axis(s, axis, random, 12);
    s.groups = 1 + random.below(2);
    s.channels_in = s.groups * (1 + random.below(40));
    s.channels_out = s.groups * (1 + random.below(40));
    check(s, random, Precision::kBFloat16);
  }
  limit_bfloat16_kernels(BFloat16Unit::kMatrices);
}

TEST(Conv, BFloat16WithoutInstructionsForIt) {
  limit_bfloat16_kernels(BFloat16Unit::kNone);
  Random random(6);
  for (int i = 0; i < 60 && !HasFatalFailure(); ++i) {
    ConvShape s;
    s.batch = 2;
    for (std::size_t axis = std::size_t(i % 3); axis < 3; ++axis) draw_axis(s, axis, random, 6);
    s.groups = 1 + random.below(2);
    s.channels_in = s.groups * (1 + random.below(9));
    s.channels_out = s.groups * (1 + random.below(20));
    check(s, random, Precision::kBFloat16);
  }
  limit_bfloat16_kernels(BFloat16Unit::kMatrices);
}

// 3x3 kernels over many channels: odd extents, any padding, windows that end beyond x.
TEST(Conv, Winograd) {
  Random random(7);
  int forward = 0, gradients = 0;
  for (int i = 0; i < 40; ++i) {
    ConvShape s;
    s.batch = 1 + random.below(6);
    s.in[0] = s.out[0] = 1 + random.below(2);
    for (std::size_t axis = 1; axis < 3; ++axis) {
      s.in[axis] = 3 + random.below(20);
      s.kernel[axis] = 3;
      s.before[axis] = random.below(3);
      s.out[axis] = s.in[axis] - 2 + random.below(5);
    }
    s.channels_in = 16 + random.below(60);
    s.channels_out = 16 + random.below(i % 5 == 0 ? 160 : 60);
    forward += Winograd::pays(s);
    gradients += WinogradKernelGradient::pays(s);
    check(s, random);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(forward, 10);
  EXPECT_GT(gradients, 10);
}

TEST(Conv, Channels) {
  Random random(2);
  for (const std::int64_t channels : {1, 3, 16, 17, 31, 64, 70}) {
    ConvShape s;
    s.batch = 2;
    s.in = {1, 9, 11};
    s.out = {1, 9, 11};
    s.kernel = {1, 3, 3};
    s.before = {0, 1, 1};
    s.channels_in = s.channels_out = s.groups = channels;
    check(s, random);
    s.groups = 1;
    check(s, random);
    s.kernel = {1, 1, 1};
    s.before = {0, 0, 0};
    check(s, random);
  }
}

// Work that is cut into blocks of lines, and into groups of images.
TEST(Conv, LargeImagesAndManySmallOnes) {
  Random random(3);
  ConvShape s;
  s.batch = 2;
  s.in = {1, 60, 70};
  s.out = {1, 30, 35};
  s.kernel = {1, 3, 3};
  s.stride = {1, 2, 2};
  s.before = {0, 1, 1};
  s.channels_in = 24;
  s.channels_out = 40;
  check(s, random);
  s.groups = s.channels_in = s.channels_out = 48;
  check(s, random);
  s = ConvShape{};
  s.batch = 37;
  s.in = s.out = {1, 4, 4};
  s.kernel = {1, 3, 3};
  s.before = {0, 1, 1};
  s.channels_in = 20;
  s.channels_out = 33;
  check(s, random);
  s.in = s.out = {12, 12, 12};
  s.kernel = {3, 3, 3};
  s.before = {1, 1, 1};
  s.batch = 2;
  check(s, random);
}

TEST(Conv, SameBitsForAnyNumberOfThreads) {
  Random random(4);
  ConvShape s;
  s.batch = 19;
  s.in = {1, 20, 20};
  s.out = {1, 20, 20};
  s.kernel = {1, 3, 3};
  s.before = {0, 1, 1};
  s.channels_in = 10;
  s.channels_out = 34;
  for (int i = 0; i < 5; ++i) {
    s.precision = i % 2 == 0 ? Precision::kFull : Precision::kBFloat16;
    EXPECT_EQ(Winograd::pays(s) && WinogradKernelGradient::pays(s), i == 4);
    const Sides sides = sides_of(s, random);
    const int before = num_threads();
    set_num_threads(1);
    const Results one = run_all(s, sides);
    set_num_threads(3);
    const Results three = run_all(s, sides);
    set_num_threads(before);
    const auto same = [](const Numbers& a, const Numbers& b) {
      return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    EXPECT_TRUE(same(one.y, three.y));
    EXPECT_TRUE(same(one.d_x, three.d_x));
    EXPECT_TRUE(same(one.d_kernel, three.d_kernel));
    if (i == 1) s.groups = s.channels_in = s.channels_out = 34;
    if (i == 3) s.groups = 1;
  }
}

void check_epilogue(std::int64_t channels_in, std::int64_t channels_out) {
  Random random(5);
  ConvShape s;
  s.batch = 21;
  s.in = {1, 13, 16};
  s.out = {1, 11, 14};
  s.kernel = {1, 3, 3};
  s.channels_in = channels_in;
  s.channels_out = channels_out;
  const Sides sides = sides_of(s, random);
  for (const auto way : {Convolution::Way::kOutput, Convolution::Way::kInput}) {
    const bool output = way == Convolution::Way::kOutput;
    const std::int64_t pixels = s.batch * (output ? s.out_pixels() : s.in_pixels());
    std::vector<int> seen(static_cast<std::size_t>(pixels), 0);
    const RowEpilogue epilogue{
        [](void* context, std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i)
            ++(*static_cast<std::vector<int>*>(context))[static_cast<std::size_t>(i)];
        },
        &seen};
    const Convolution conv(s, way);
    Scratch scratch(conv.scratch_bytes());
    Numbers to(static_cast<std::size_t>(pixels * (output ? s.channels_out : s.channels_in)));
    conv.run(output ? sides.x.data() : sides.y.data(), sides.kernel.data(), to.data(), epilogue,
             scratch.get());
    EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
  }
}

TEST(Conv, EpilogueSeesEachPixelOnce) {
  check_epilogue(5, 6);
  check_epilogue(48, 40);  // by Winograd
}

}  // namespace
}  // namespace keratin::kernels
