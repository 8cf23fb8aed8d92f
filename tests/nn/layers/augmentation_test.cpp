// Random augmentations: their statistics, where no bits can be expected.
#include "nn/harness.h"

namespace keratin {
namespace {

constexpr std::int64_t kImages = 2000;

// What the layer makes of many images [height, width, 1] of values 0, 1, 2, ...
Tensor augmented(const char* name, const Json& config, std::int64_t height, std::int64_t width) {
  Tensor images(DType::kFloat32, {kImages, height, width, 1});
  for (std::int64_t i = 0; i < images.size(); ++i)
    images.data<float>()[i] = float(i % (height * width));
  const auto layer = test::make<Layer>(name, config);
  return test::run(
      {images}, [&](CallContext& c, const auto& x) { return layer->apply(c, x); }, true)[0];
}

TEST(RandomFlip, TurnsHalfOfTheImages) {
  const Tensor y = augmented("RandomFlip", {{"mode", "horizontal"}, {"seed", 1}}, 1, 2);
  std::int64_t flipped = 0;
  for (std::int64_t i = 0; i < kImages; ++i) {
    const float left = y.data<float>()[2 * i], right = y.data<float>()[2 * i + 1];
    ASSERT_EQ(left + right, 1);
    flipped += left == 1;
  }
  EXPECT_NEAR(double(flipped) / kImages, 0.5, 0.05);
}

TEST(RandomFlip, BothWaysAtOnce) {
  const Tensor y = augmented("RandomFlip", {{"seed", 1}}, 2, 2);
  for (std::int64_t i = 0; i < kImages; ++i) {
    const float* p = y.data<float>() + 4 * i;
    ASSERT_TRUE((p[0] == 0 && p[1] == 1 && p[3] == 3) || (p[0] == 3 && p[1] == 2 && p[3] == 0));
  }
}

TEST(RandomCrop, TakesEveryPlaceOfABatchAlike) {
  std::vector<int> seen(12, 0);
  for (int seed = 0; seed < 300; ++seed) {
    const Tensor y = augmented("RandomCrop", {{"height", 2}, {"width", 3}, {"seed", seed}}, 4, 6);
    ASSERT_EQ(y.shape(), (Shape{kImages, 2, 3, 1}));
    const float first = y.data<float>()[0];
    for (std::int64_t i = 0; i < y.size(); ++i)
      ASSERT_EQ(y.data<float>()[i], first + float(i % 3 + i / 3 % 2 * 6));
    ++seen[std::size_t(first) / 6 * 4 + std::size_t(first) % 6];
  }
  for (const int count : seen) EXPECT_GT(count, 5);
}

// The mean of what is added, and its extremes.
TEST(RandomBrightness, IsUniform) {
  const Tensor y =
      augmented("RandomBrightness",
                {{"factor", {-0.1, 0.3}}, {"value_range", {-100, 100}}, {"seed", 1}}, 1, 1);
  double sum = 0, low = 1e9, high = -1e9;
  for (const float v : y.span<float>()) {
    sum += v;
    low = std::min(low, double(v));
    high = std::max(high, double(v));
  }
  EXPECT_NEAR(sum / kImages, 20, 1);
  EXPECT_NEAR(low, -20, 0.5);
  EXPECT_NEAR(high, 60, 0.5);
}

TEST(RandomShear, GoesEitherWay) {
  const Tensor y =
      augmented("RandomShear", {{"x_factor", {1, 1}}, {"fill_mode", "nearest"}, {"seed", 1}}, 2, 3);
  std::int64_t left = 0;
  for (std::int64_t i = 0; i < kImages; ++i) {
    const float second = y.data<float>()[6 * i + 4];  // of the second line: 3 4 5, shifted
    ASSERT_TRUE(second == 5 || second == 3);
    left += second == 5;
  }
  EXPECT_NEAR(double(left) / kImages, 0.5, 0.05);
}

TEST(RandomInvert, ChancesAreKept) {
  const Tensor y = augmented("RandomInvert",
                             {{"factor", {0.3, 0.3}}, {"value_range", {0, 10}}, {"seed", 1}}, 1, 1);
  std::int64_t inverted = 0;
  for (const float v : y.span<float>()) inverted += v == 10;
  EXPECT_NEAR(double(inverted) / kImages, 0.3, 0.05);
}

TEST(RandomHue, TurnsBothWaysAndKeepsBrightness) {
  Tensor images(DType::kFloat32, {kImages, 1, 1, 3});
  for (std::int64_t i = 0; i < kImages; ++i) images.data<float>()[3 * i] = 1;  // red
  const auto layer = test::make<Layer>(
      "RandomHue", {{"factor", {0.5, 0.5}}, {"value_range", {0, 1}}, {"seed", 1}});
  const Tensor y = test::run(
      {images}, [&](CallContext& c, const auto& x) { return layer->apply(c, x); }, true)[0];
  std::int64_t green = 0;
  for (std::int64_t i = 0; i < kImages; ++i) {
    const float *p = y.data<float>() + 3 * i, g = p[1], b = p[2];
    ASSERT_NEAR(std::max(p[0], std::max(g, b)), 1, 1e-5);
    ASSERT_NEAR(p[0], 0.5, 1e-5);  // a quarter of the way round
    green += g > b;
  }
  EXPECT_NEAR(double(green) / kImages, 0.5, 0.05);
}

TEST(Augmentations, LeaveImagesAloneOutsideTraining) {
  Tensor images(DType::kFloat32, {1, 2, 2, 3});
  for (std::int64_t i = 0; i < 12; ++i) images.data<float>()[i] = float(i);
  for (const auto& [name, config] :
       std::vector<std::pair<const char*, Json>>{{"RandomFlip", Json::object()},
                                                 {"RandomRotation", {{"factor", 0.5}}},
                                                 {"RandomContrast", {{"factor", 0.5}}},
                                                 {"RandomHue", {{"factor", 0.5}}},
                                                 {"RandomGrayscale", {{"factor", 1.0}}},
                                                 {"Solarization", Json::object()}}) {
    const auto layer = test::make<Layer>(name, config);
    const Tensor y =
        test::run({images}, [&](CallContext& c, const auto& x) { return layer->apply(c, x); })[0];
    test::expect_near(y, images, 0);
  }
}

}  // namespace
}  // namespace keratin
