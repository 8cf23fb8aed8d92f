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

// What Keras makes of images where nothing is left to chance (make_augmentations.py), and its
// configurations.
TEST(Augmentations, EqualKeras) {
  for (const Json& one : test::stored("augmentations.json", "cases")) {
    const std::string name = one["layer"];
    SCOPED_TRACE(name + " " + one["arguments"].dump());
    Json arguments = one["arguments"];
    arguments["name"] = "layer";
    const auto layer = test::make<Layer>(name, arguments);
    const auto plain = [](const Json& json) { return nlohmann::json::parse(json.dump()); };
    EXPECT_EQ(plain(config_of(*layer)), plain(one["config"]));
    EXPECT_EQ(plain(config_of(*test::make<Layer>(name, one["config"]))), plain(one["config"]));
    const auto tensor = [](const Json& json) {
      return Tensor::of(json["shape"].get<Shape>(), json["values"].get<std::vector<float>>());
    };
    const Tensor y = test::run(
        {tensor(one["x"])}, [&](CallContext& c, const auto& x) { return layer->apply(c, x); },
        one["training"])[0];
    test::expect_near(y, tensor(one["y"]), 2e-5);
  }
}

TEST(CategoryEncoding, CountsWeights) {
  const Json stored = test::stored("augmentations.json", "counts");
  const auto flat = [](const Json& rows) {
    std::vector<double> values;
    for (const Json& row : rows)
      for (const Json& value : row) values.push_back(value.get<double>());
    return values;
  };
  const std::vector<double> weights = flat(stored["weights"]), places = flat(stored["indices"]);
  const std::vector<double> expected = flat(stored["result"]);
  Tensor indices(DType::kInt32, {2, 4}), shares(DType::kFloat32, {2, 4});
  Tensor result(DType::kFloat32, {2, 4});
  for (std::size_t i = 0; i < 8; ++i) {
    indices.data<std::int32_t>()[i] = std::int32_t(places[i]);
    shares.data<float>()[i] = float(weights[i]);
    result.data<float>()[i] = float(expected[i]);
  }
  const auto encoded = [&](const char* mode) {
    const auto layer =
        test::make<Layer>("CategoryEncoding", {{"num_tokens", 4}, {"output_mode", mode}});
    return test::run({indices, shares}, [&](CallContext& c, const auto& x) {
      CallArguments arguments;
      arguments.tensors.push_back({"count_weights", {x[1]}});
      return layer->apply(c, std::vector<Value>{x[0]}, arguments);
    })[0];
  };
  test::expect_near(encoded("count"), result, 1e-6);
  const std::string message =
      test::message_of(Code::kInvalidArgument, [&] { encoded("multi_hot"); });
  EXPECT_NE(message.find("count_weights"), std::string::npos) << message;
}

// A layer's results over many samples, of one value each.
std::vector<float> sampled(const char* name, const Json& config, const Tensor& images) {
  const auto layer = test::make<Layer>(name, config);
  const Tensor y = test::run(
      {images}, [&](CallContext& c, const auto& x) { return layer->apply(c, x); }, true)[0];
  return {y.data<float>(), y.data<float>() + y.size()};
}

// Image i has the value i everywhere.
Tensor numbered(std::int64_t count, std::int64_t side) {
  Tensor images(DType::kFloat32, {count, side, side, 1});
  for (std::int64_t i = 0; i < images.size(); ++i)
    images.data<float>()[i] = float(i / (side * side));
  return images;
}

// Each share w of an image and 1 - w of another: the mean stays, and with beta(a, a) numbers the
// deviation shrinks by E[w^2 + (1 - w)^2] = (a + 1) / (2 a + 1).
TEST(MixUp, SharesHaveABetaDistribution) {
  for (const double alpha : {0.2, 1.0, 4.0}) {
    const auto y = sampled("MixUp", {{"alpha", alpha}, {"seed", 2}}, numbered(kImages, 1));
    double sum = 0, squares = 0;
    const double middle = (kImages - 1) / 2.0, deviation = double(kImages) * kImages / 12;
    for (const float v : y) {
      sum += v;
      squares += (v - middle) * (v - middle);
    }
    EXPECT_NEAR(sum / kImages, middle, 0.03 * kImages);
    EXPECT_NEAR(squares / kImages / deviation, (alpha + 1) / (2 * alpha + 1), 0.06) << alpha;
  }
}

// Images keep 1 - area of themselves; the area of boxes is uniform for factor 1.
TEST(CutMix, PutsABoxOfAnother) {
  constexpr std::int64_t kSide = 20;
  const auto y = sampled("CutMix", {{"factor", {1, 1}}, {"seed", 2}}, numbered(kImages, kSide));
  double kept = 0;
  for (std::int64_t i = 0; i < kImages; ++i) {
    float other = float(i);
    std::int64_t left = kSide, right = -1, inside = 0, top = kSide, bottom = -1;
    for (std::int64_t k = 0; k < kSide * kSide; ++k) {
      const float v = y[std::size_t(i * kSide * kSide + k)];
      if (v == float(i)) continue;
      if (other != float(i)) {
        ASSERT_EQ(v, other);
      }
      other = v;
      ++inside;
      left = std::min(left, k % kSide);
      right = std::max(right, k % kSide);
      top = std::min(top, k / kSide);
      bottom = std::max(bottom, k / kSide);
    }
    if (inside > 0) {
      ASSERT_EQ(inside, (right - left + 1) * (bottom - top + 1));
    }
    kept += 1 - double(inside) / (kSide * kSide);
  }
  EXPECT_NEAR(kept / kImages, 0.5, 0.03);
}

TEST(RandomErasing, CoversBoxesOfSomeImages) {
  constexpr std::int64_t kSide = 20;
  Tensor images(DType::kFloat32, {kImages, kSide, kSide, 1});
  const auto y = sampled(
      "RandomErasing",
      {{"factor", {0.4, 0.4}}, {"scale", {0.25, 0.25}}, {"fill_value", 9}, {"seed", 2}}, images);
  std::int64_t changed = 0;
  for (std::int64_t i = 0; i < kImages; ++i) {
    std::int64_t inside = 0;
    for (std::int64_t k = 0; k < kSide * kSide; ++k)
      inside += y[std::size_t(i * kSide * kSide + k)] == 9;
    if (inside == 0) continue;
    ++changed;
    ASSERT_EQ(inside, 100);  // half of each side
  }
  EXPECT_NEAR(double(changed) / kImages, 0.4, 0.05);
}

// Images whose values are their coordinates show where each pixel came from.
Tensor coordinates(std::int64_t count, std::int64_t side) {
  Tensor images(DType::kFloat32, {count, side, side, 2});
  for (std::int64_t i = 0; i < images.size(); ++i)
    images.data<float>()[i] = float(i % 2 ? i / 2 / side % side : i / 2 % side);
  return images;
}

// A projective map of four corners of which the first stays: straight lines stay straight, and the
// third corner of an image comes from where that corner went to.
TEST(RandomPerspective, IsAProjectiveMap) {
  constexpr std::int64_t kSide = 33;
  const auto y = sampled("RandomPerspective",
                         {{"factor", {1, 1}}, {"scale", 0.4}, {"fill_value", -1e6}, {"seed", 2}},
                         coordinates(200, kSide));
  std::int64_t moved = 0;
  for (std::int64_t i = 0; i < 200; ++i) {
    const auto at = [&](std::int64_t row, std::int64_t column) {
      return &y[std::size_t(((i * kSide + row) * kSide + column) * 2)];
    };
    ASSERT_NEAR(at(0, 0)[0], 0, 1e-4);
    ASSERT_NEAR(at(0, 0)[1], 0, 1e-4);
    for (std::int64_t row = 0; row < kSide; row += 4) {
      const float *a = at(row, 2), *b = at(row, 9), *c = at(row, 16);
      if (std::min({a[0], a[1], b[0], b[1], c[0], c[1]}) < 0) continue;
      ASSERT_NEAR((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]), 0, 1e-2);
    }
    moved += std::abs(at(10, 10)[0] - 10) > 0.5;
    // Along the first row nothing comes from below.
    for (std::int64_t column = 0; column < 16; ++column) ASSERT_NEAR(at(0, column)[1], 0, 1e-3);
  }
  EXPECT_GT(moved, 100);
}

TEST(RandomElasticTransform, MovesPixelsSmoothlyAndEitherWay) {
  constexpr std::int64_t kSide = 24;
  const auto y =
      sampled("RandomElasticTransform", {{"factor", {1, 1}}, {"scale", {0.8, 0.8}}, {"seed", 2}},
              coordinates(50, kSide));
  double sum = 0, squares = 0, steps = 0;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < 50; ++i)
    for (std::int64_t row = 8; row < 16; ++row)
      for (std::int64_t column = 8; column < 16; ++column, ++count) {
        const float* at = &y[std::size_t(((i * kSide + row) * kSide + column) * 2)];
        sum += at[0] - float(column);
        squares += std::pow(at[0] - float(column), 2);
        steps += std::pow(at[2] - at[0] - 1, 2);
      }
  // Blurred noise: sigma / (2 sqrt(pi) sigma) of its deviation is left, times alpha = 1.92.
  const double deviation = std::sqrt(squares / double(count));
  EXPECT_NEAR(deviation, 1.92 * 0.96 / (2 * std::sqrt(M_PI) * 0.96), 0.15);
  EXPECT_NEAR(sum / double(count), 0, 0.1);
  EXPECT_LT(std::sqrt(steps / double(count)), deviation);
}

TEST(RandomGaussianBlur, BlursSomeImages) {
  Tensor images(DType::kFloat32, {kImages, 3, 3, 1});
  for (std::int64_t i = 0; i < kImages; ++i) images.data<float>()[9 * i + 4] = 100;
  const auto y = sampled("RandomGaussianBlur",
                         {{"factor", {0.3, 0.3}}, {"sigma", {0.5, 0.5}}, {"seed", 2}}, images);
  std::int64_t blurred = 0;
  for (std::int64_t i = 0; i < kImages; ++i) blurred += y[std::size_t(9 * i + 4)] < 99;
  EXPECT_NEAR(double(blurred) / kImages, 0.3, 0.05);
}

// All of the chains' changes stay within the range, and something changes.
TEST(Policies, ChangeImagesWithinTheRange) {
  for (const auto& [name, config] : std::vector<std::pair<const char*, Json>>{
           {"AugMix", {{"seed", 3}, {"factor", {0.3, 0.3}}}},
           {"AugMix", {{"seed", 4}, {"all_ops", false}, {"num_chains", 2}}},
           {"RandAugment", {{"seed", 5}}},
           {"RandAugment", {{"seed", 6}, {"num_ops", 3}, {"data_format", "channels_first"}}},
           {"RandomColorJitter",
            {{"seed", 7}, {"brightness_factor", 0.3}, {"contrast_factor", 0.3}}}}) {
    const bool first = config.contains("data_format");
    Tensor images(DType::kFloat32, first ? Shape{8, 3, 6, 6} : Shape{8, 6, 6, 3});
    for (std::int64_t i = 0; i < images.size(); ++i) images.data<float>()[i] = float(i * 37 % 256);
    const auto y = sampled(name, config, images);
    std::int64_t changed = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_GE(y[i], -1e-3) << name;
      ASSERT_LE(y[i], 255.01) << name;
      changed += std::abs(y[i] - images.data<float>()[i]) > 0.5;
    }
    EXPECT_GT(changed, 50) << name << " " << config.dump();
  }
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
