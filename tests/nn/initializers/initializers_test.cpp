// Fixed initializers against Keras' numbers (tests/nn/make_numbers.py), random ones by their
// distribution.
#include "nn/initializers/initializer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "nn/harness.h"

namespace keratin {
namespace {

using test::message_of;

struct Moments {
  double mean = 0, variance = 0, least = 1e9, most = -1e9;
};

Moments moments(const Tensor& tensor) {
  Moments m;
  const double n = double(tensor.size());
  for (const float x : tensor.span<float>()) {
    m.mean += x / n;
    m.least = std::min(m.least, double(x));
    m.most = std::max(m.most, double(x));
  }
  for (const float x : tensor.span<float>()) m.variance += (x - m.mean) * (x - m.mean) / n;
  return m;
}

Tensor draw(const char* name, const Json& config, const Shape& shape) {
  return (*test::make<Initializer>(name, config))(shape);
}

TEST(Initializers, FixedOnesAreKeras) {
  for (const Json& c : test::stored("nn_numbers.json", "initializers")) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"]));
    const auto initializer = test::make<Initializer>(c["name"], c["arguments"]);
    test::expect_near((*initializer)(c["shape"].get<Shape>()), c["y"]);
  }
}

TEST(Initializers, FixedOnesHaveAnyDtype) {
  for (const DType dtype : {DType::kFloat32, DType::kFloat64, DType::kInt32, DType::kInt64,
                            DType::kUint8, DType::kUint32, DType::kBool}) {
    SCOPED_TRACE(name_of(dtype));
    const Tensor one = (*ones())({3}, dtype);
    EXPECT_EQ(one.dtype(), dtype);
    test::expect_near(one.as(DType::kFloat32), Tensor::of<float>({3}, {1, 1, 1}), 0);
    test::expect_near((*zeros())({2}, dtype).as(DType::kFloat32), Tensor::of<float>({2}, {0, 0}),
                      0);
  }
  EXPECT_EQ((*test::make<Initializer>("RandomNormal"))({2}, DType::kFloat64).dtype(),
            DType::kFloat64);
}

TEST(Initializers, NormalOnesHaveTheirMoments) {
  const Moments n =
      moments(draw("RandomNormal", {{"mean", 1}, {"stddev", 0.5}, {"seed", 1}}, {100, 1000}));
  EXPECT_NEAR(n.mean, 1, 0.01);
  EXPECT_NEAR(n.variance, 0.25, 0.005);
  EXPECT_GT(n.most, 1 + 3 * 0.5);

  const Moments t =
      moments(draw("TruncatedNormal", {{"mean", 1}, {"stddev", 0.5}, {"seed", 1}}, {100, 1000}));
  EXPECT_NEAR(t.mean, 1, 0.01);
  // A standard normal distribution without what is beyond 2 has a variance of 0.7737.
  EXPECT_NEAR(t.variance, 0.25 * 0.7737, 0.004);
  EXPECT_LE(t.most, 2);
  EXPECT_GE(t.least, 0);
}

TEST(Initializers, UniformOnesFillTheirRange) {
  const Moments u =
      moments(draw("RandomUniform", {{"minval", -1}, {"maxval", 3}, {"seed", 1}}, {100, 1000}));
  EXPECT_NEAR(u.mean, 1, 0.02);
  EXPECT_NEAR(u.variance, 16.0 / 12, 0.02);
  EXPECT_GE(u.least, -1);
  EXPECT_LT(u.least, -0.99);
  EXPECT_LT(u.most, 3);
  EXPECT_GT(u.most, 2.99);
}

// What the variance of each should be, for a matrix, a convolution's kernel, a vector and given
// axes.
TEST(Initializers, VarianceScalesWithTheFans) {
  struct Case {
    const char* name;
    double scale;
    int mode;  // 0: fan_in, 1: fan_out, 2: fan_avg
    bool uniform;
  };
  const std::vector<Case> cases = {{"GlorotUniform", 1, 2, true},   {"GlorotNormal", 1, 2, false},
                                   {"HeUniform", 2, 0, true},       {"HeNormal", 2, 0, false},
                                   {"LecunUniform", 1, 0, true},    {"LecunNormal", 1, 0, false},
                                   {"VarianceScaling", 1, 0, false}};
  struct Kernel {
    Shape shape;
    double in, out;
    Json axes;
  };
  const std::vector<Kernel> kernels = {
      {{100, 400}, 100, 400, Json::object()},
      {{3, 5, 40, 60}, 600, 900, Json::object()},
      {{40000}, 40000, 40000, Json::object()},
      {{50, 20, 40}, 50, 800, {{"input_axes", {0}}, {"output_axes", {1, -1}}}},
  };
  for (const Case& c : cases)
    for (const Kernel& k : kernels) {
      SCOPED_TRACE(concat(c.name, " ", to_string(k.shape)));
      Json config = k.axes;
      config["seed"] = 4;
      const Moments m = moments(draw(c.name, config, k.shape));
      const double fan = c.mode == 0 ? k.in : c.mode == 1 ? k.out : (k.in + k.out) / 2;
      const double variance = c.scale / fan;
      EXPECT_NEAR(m.variance / variance, 1, 0.03);
      EXPECT_NEAR(m.mean / std::sqrt(variance), 0, 0.03);
      const double bound =
          c.uniform ? std::sqrt(3 * variance) : 2 * std::sqrt(variance) / 0.87962566103423978;
      EXPECT_LE(std::max(m.most, -m.least), bound * 1.000001);
      EXPECT_GE(std::max(m.most, -m.least), bound * 0.98);
    }
}

TEST(Initializers, VarianceScalingTakesModeAndDistribution) {
  const auto variance = [](const char* mode, const char* distribution) {
    return moments(draw("VarianceScaling",
                        {{"scale", 3}, {"mode", mode}, {"distribution", distribution}, {"seed", 1}},
                        {100, 400}));
  };
  EXPECT_NEAR(variance("fan_in", "uniform").variance * 100 / 3, 1, 0.03);
  EXPECT_NEAR(variance("fan_out", "truncated_normal").variance * 400 / 3, 1, 0.03);
  const Moments untruncated = variance("fan_avg", "untruncated_normal");
  EXPECT_NEAR(untruncated.variance * 250 / 3, 1, 0.03);
  EXPECT_GT(untruncated.most, 3 * std::sqrt(3.0 / 250));
}

TEST(Initializers, SeedsDecide) {
  for (const char* name : {"RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling",
                           "GlorotUniform", "HeNormal", "Orthogonal"}) {
    SCOPED_TRACE(name);
    const Tensor a = draw(name, {{"seed", 7}}, {4, 3}), b = draw(name, {{"seed", 7}}, {4, 3});
    test::expect_near(a, b, 0);
    const Json generator = {{"module", "keras.random"},
                            {"class_name", "SeedGenerator"},
                            {"config", {{"seed", 7}, {"name", "seed_generator"}}},
                            {"registered_name", nullptr}};
    test::expect_near(a, draw(name, {{"seed", generator}}, {4, 3}), 0);
    const auto same = [](const Tensor& x, const Tensor& y) {
      return std::ranges::equal(x.span<float>(), y.span<float>());
    };
    EXPECT_FALSE(same(a, draw(name, {{"seed", 8}}, {4, 3})));
    // Without a seed, each call draws anew; the global seed makes the sequence repeat.
    const auto unseeded = test::make<Initializer>(name);
    set_global_seed(3);
    const Tensor first = (*unseeded)({4, 3}), second = (*unseeded)({4, 3});
    EXPECT_FALSE(same(first, second));
    set_global_seed(3);
    EXPECT_TRUE(same(first, (*unseeded)({4, 3})));
  }
}

// Q^T Q (or Q Q^T, whichever is smaller) is gain^2 times the unit matrix.
TEST(Initializers, OrthogonalIsOrthogonal) {
  for (const Shape& shape : {Shape{6, 4}, Shape{4, 6}, Shape{5, 5}, Shape{2, 3, 4}, Shape{1, 3},
                             Shape{3, 1}, Shape{1, 1}}) {
    SCOPED_TRACE(to_string(shape));
    const Tensor q = draw("Orthogonal", {{"seed", 2}, {"gain", 1.5}}, shape);
    EXPECT_EQ(q.shape(), shape);
    const std::int64_t columns = shape.back(), rows = q.size() / columns;
    const std::int64_t vectors = std::min(rows, columns), length = std::max(rows, columns);
    const auto at = [&](std::int64_t vector, std::int64_t i) {
      return q.data<float>()[rows >= columns ? i * columns + vector : vector * columns + i];
    };
    for (std::int64_t a = 0; a < vectors; ++a)
      for (std::int64_t b = 0; b < vectors; ++b) {
        double dot = 0;
        for (std::int64_t i = 0; i < length; ++i) dot += double(at(a, i)) * at(b, i);
        EXPECT_NEAR(dot, a == b ? 2.25 : 0, 1e-5);
      }
  }
}

// Uniformly distributed orthogonal matrices have no preferred signs.
TEST(Initializers, OrthogonalHasNoPreference) {
  double diagonal = 0, square = 0;
  for (int seed = 0; seed < 2000; ++seed) {
    const Tensor q = draw("Orthogonal", {{"seed", seed}}, {3, 3});
    diagonal += q.data<float>()[0] / 2000;
    square += q.data<float>()[4] * q.data<float>()[4] / 2000;
  }
  EXPECT_NEAR(diagonal, 0, 0.05);
  EXPECT_NEAR(square, 1.0 / 3, 0.03);
}

TEST(Initializers, BadShapesAndDtypesAreErrors) {
  const auto error = [](Code code, const char* name, const Shape& shape,
                        DType dtype = DType::kFloat32) {
    return message_of(code, [&] { (*test::make<Initializer>(name))(shape, dtype); });
  };
  EXPECT_THAT(error(Code::kInvalidArgument, "Identity", {2, 2, 2}),
              testing::HasSubstr("(2, 2, 2)"));
  EXPECT_THAT(error(Code::kInvalidArgument, "Orthogonal", {2}), testing::HasSubstr("(2,)"));
  EXPECT_THAT(error(Code::kInvalidArgument, "STFT", {2, 2}), testing::HasSubstr("(2, 2)"));
  EXPECT_THAT(error(Code::kUnsupported, "GlorotUniform", {2, 2}, DType::kInt32),
              testing::HasSubstr("int32"));
  EXPECT_THAT(error(Code::kUnsupported, "RandomNormal", {2}, DType::kBool),
              testing::HasSubstr("bool"));
  message_of(Code::kInvalidArgument, [] {
    draw("GlorotUniform", {{"input_axes", {5}}, {"output_axes", {0}}}, {2, 2});
  });
  message_of(Code::kUnsupported, [] { draw("STFT", {{"window", "kaiser"}}, {2, 1, 2}); });
  message_of(Code::kInvalidArgument, [] { draw("STFT", {{"window", {1, 2, 3}}}, {2, 1, 2}); });
}

}  // namespace
}  // namespace keratin
