// Int8 products in graphs: what follows is joined to them, their gradient is that of the product
// with the kernel as floats, and operands that do not fit are refused.
#include "ops/quantized.h"

#include <gtest/gtest.h>

#include <optional>

#include "core/error.h"
#include "core/random.h"
#include "op_testing.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"

namespace keratin::ops {
namespace {

Tensor random_floats(Shape shape, Random& random) {
  Tensor t(DType::kFloat32, std::move(shape));
  for (float& x : t.span<float>()) x = float(random.uniform() * 2 - 1);
  return t;
}

Tensor random_kernel(Shape shape, Random& random) {
  Tensor t(DType::kInt8, std::move(shape));
  for (std::int8_t& x : t.span<std::int8_t>())
    x = std::int8_t(std::int64_t(random.uniform() * 255) - 127);
  return t;
}

Int8Kernel kernel_of(const std::vector<Value>& v) { return {v[1], v[2], v[3]}; }

struct Operands {
  std::vector<Tensor> all;
  BuildFn product, floating;
};

Operands dense(Random& random) {
  Tensor scale = random_floats({5}, random);
  for (float& s : scale.span<float>()) s = 50 + 10 * s;
  return {{random_floats({3, 2, 7}, random), random_kernel({7, 5}, random), scale,
           Tensor::scalar(0.0F), random_floats({5}, random)},
          [](const auto& v) { return std::vector<Value>{quantized_matmul(v[0], kernel_of(v))}; },
          [](const auto& v) { return std::vector<Value>{matmul(v[0], dequantized(v[1], v[2]))}; }};
}

// Of 6 channels; a kernel of 3 of them is for two groups.
Operands convolution_of(std::int64_t depth, Random& random) {
  Tensor scale = random_floats({12}, random);
  for (float& s : scale.span<float>()) s = 50 + 10 * s;
  const std::vector<std::int64_t> strides{2, 1}, dilation{1, 1};
  return {{random_floats({2, 6, 5, 6}, random), random_kernel({3, 1, depth, 12}, random), scale,
           Tensor::scalar(127.0F), random_floats({12}, random)},
          [=](const auto& v) {
            return std::vector<Value>{
                quantized_conv(v[0], kernel_of(v), strides, dilation, Padding::kSame)};
          },
          [=](const auto& v) {
            return std::vector<Value>{
                conv(v[0], dequantized(v[1], v[2]), strides, dilation, Padding::kSame)};
          }};
}
Operands convolution(Random& random) { return convolution_of(6, random); }
Operands two_groups(Random& random) { return convolution_of(3, random); }
Operands groups_of_one(Random& random) { return convolution_of(1, random); }

class Quantized : public testing::TestWithParam<Operands (*)(Random&)> {
 protected:
  Random random_{1};
  Operands operands_ = GetParam()(random_);
};
INSTANTIATE_TEST_SUITE_P(All, Quantized,
                         testing::Values(dense, convolution, two_groups, groups_of_one));

TEST_P(Quantized, IsNearTheProductOfFloats) {
  const std::vector<float> got = elements(run_graph(operands_.all, operands_.product)[0]);
  const std::vector<float> exact = elements(run_graph(operands_.all, operands_.floating)[0]);
  ASSERT_EQ(got.size(), exact.size());
  // Half a step of each input (1 / 254) times its weight (at most 127 / 40), up to 18 of them.
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], exact[i], 18 * 3.2 / 254);
}

TEST_P(Quantized, WhatFollowsIsJoined) {
  const BuildFn build = [&](const std::vector<Value>& v) {
    return std::vector<Value>{relu(operands_.product(v)[0] + v[4])};
  };
  EXPECT_EQ(elements(run_graph(operands_.all, build)[0]),
            elements(run_graph(operands_.all, build, true)[0]));
  Graph graph;
  std::vector<Value> values;
  for (const Tensor& t : operands_.all) values.push_back(graph.input("x", {t.dtype(), t.shape()}));
  graph.output(build(values)[0]);
  optimize(graph);
  EXPECT_EQ(Plan(graph, 1).step_count(), 1U);
}

TEST_P(Quantized, GradientIsThatOfTheFloats) {
  const auto gradient_of = [&](const BuildFn& build) {
    return elements(run_graph(operands_.all, [&](const std::vector<Value>& v) {
      const Value loss = sum(square(build(v)[0]) * 0.0 + build(v)[0] * 2.0);
      const std::vector<Value> d = gradients(loss, std::vector<Value>{v[0], v[1]});
      EXPECT_FALSE(&build == &operands_.product && d[1]);
      return std::vector<Value>{d[0]};
    })[0]);
  };
  const std::vector<float> got = gradient_of(operands_.product);
  const std::vector<float> exact = gradient_of(operands_.floating);
  ASSERT_EQ(got.size(), exact.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], exact[i], 1e-4);
}

TEST_P(Quantized, RefusesWhatDoesNotFit) {
  const auto code_with = [&](std::size_t place, Spec spec) -> std::optional<Code> {
    Graph graph;
    std::vector<Value> values;
    for (const Tensor& t : operands_.all)
      values.push_back(graph.input("x", {t.dtype(), t.shape()}));
    values[place] = graph.input("x", std::move(spec));
    try {
      operands_.product(values);
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("quantized_")) << error.what();
      return error.code();
    }
    return std::nullopt;
  };
  const Shape &x = operands_.all[0].shape(), &kernel = operands_.all[1].shape();
  EXPECT_EQ(code_with(0, {DType::kFloat64, x}), Code::kInvalidArgument);
  EXPECT_EQ(code_with(0, {DType::kFloat32, {3}}), Code::kInvalidArgument);
  EXPECT_EQ(code_with(1, {DType::kFloat32, kernel}), Code::kInvalidArgument);
  EXPECT_EQ(code_with(1, {DType::kInt8, {8}}), Code::kInvalidArgument);
  EXPECT_EQ(code_with(2, {DType::kFloat32, {9}}), Code::kInvalidArgument);
  EXPECT_EQ(code_with(3, {DType::kFloat32, {1}}), Code::kInvalidArgument);
}

TEST(QuantizedConv, RefusesChannelsThatMakeNoGroups) {
  Graph graph;
  const Value scale = graph.input("s", {DType::kFloat32, {}});
  const auto message = [&](std::int64_t channels, std::int64_t depth, std::int64_t filters) {
    const Value x = graph.input("x", {DType::kFloat32, {2, 5, channels}});
    const Value kernel = graph.input("k", {DType::kInt8, {3, depth, filters}});
    const Value scales = graph.input("s", {DType::kFloat32, {filters}});
    try {
      quantized_conv(x, {kernel, scales, scale}, {1}, {1}, Padding::kValid);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(6, 3, 4), "");
  const std::string cut =
      "quantized_conv: 6 channels of the input cannot be cut into groups of the ";
  EXPECT_EQ(message(6, 4, 4), cut + "kernel's 4");
  EXPECT_EQ(message(6, 0, 4), cut + "kernel's 0");
  EXPECT_EQ(message(6, 2, 4), "quantized_conv: 4 output channels cannot be cut into 3 groups");
  EXPECT_EQ(message(0, 2, 4),
            "quantized_conv: 0 channels of the input cannot be cut into groups of the kernel's 2");
}

}  // namespace
}  // namespace keratin::ops
