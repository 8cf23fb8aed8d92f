// Every function of src/ops: its gradient rule against finite differences in double, its float
// kernel against the double one, and the optimized graph against the plain one.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "gradient_cases.h"
#include "op_testing.h"
#include "ops/channels.h"
#include "ops/confusion.h"
#include "ops/ctc.h"
#include "ops/elementwise.h"
#include "ops/elementwise_op.h"
#include "ops/gather.h"
#include "ops/get_item.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/scan.h"
#include "ops/shape.h"
#include "ops/softmax.h"
#include "ops/sort.h"
#include "ops/stack.h"

namespace keratin::ops {
namespace {

// The gradient of the sum of y: how functions that only gradient rules call are tested.
Value slope(Value y, const Values& v) { return gradients(sum(y), v)[0]; }

std::vector<Case> elementary_cases() {
  return {
      {"add", "", {{3, 4}, {3, 4}}, -2, 2, [](const Values& v) { return v[0] + v[1]; }},
      {"add", "row", {{3, 4}, {4}}, -2, 2, [](const Values& v) { return v[0] + v[1]; }},
      {"add", "column", {{3, 1}, {3, 4}}, -2, 2, [](const Values& v) { return v[0] + v[1]; }},
      {"add", "number", {{3, 4}}, -2, 2, [](const Values& v) { return v[0] + 3.0; }},
      {"subtract", "", {{2, 3, 4}, {3, 1}}, -2, 2, [](const Values& v) { return v[0] - v[1]; }},
      {"subtract", "number", {{5}}, -2, 2, [](const Values& v) { return 1.0 - v[0]; }},
      {"multiply", "", {{3, 4}, {3, 4}}, -2, 2, [](const Values& v) { return v[0] * v[1]; }},
      {"multiply", "itself", {{3, 4}}, -2, 2, [](const Values& v) { return v[0] * v[0]; }},
      {"multiply", "outer", {{3, 1}, {1, 4}}, -2, 2, [](const Values& v) { return v[0] * v[1]; }},
      {"multiply", "scalar", {{3, 4}, {}}, -2, 2, [](const Values& v) { return v[0] * v[1]; }},
      {"divide", "", {{3, 4}, {4}}, 0.5, 2, [](const Values& v) { return v[0] / v[1]; }},
      {"divide", "number", {{3, 4}}, 0.5, 2, [](const Values& v) { return 2.0 / v[0]; }},
      {"maximum", "", {{3, 4}, {3, 4}}, -2, 2, [](const Values& v) { return maximum(v[0], v[1]); }},
      {"minimum", "", {{3, 4}, {4}}, -2, 2, [](const Values& v) { return minimum(v[0], v[1]); }},
      {"power", "", {{3, 4}, {3, 4}}, 0.5, 2, [](const Values& v) { return power(v[0], v[1]); }},
      {"power", "number", {{3, 4}}, -2, 2, [](const Values& v) { return power(v[0], 3.0); }},
      {"negative", "", {{5}}, -2, 2, [](const Values& v) { return -v[0]; }},
      {"abs", "", {{9}}, -2, 2, [](const Values& v) { return abs(v[0]); }},
      {"square", "", {{9}}, -2, 2, [](const Values& v) { return square(v[0]); }},
      {"sqrt", "", {{9}}, 0.1, 2, [](const Values& v) { return sqrt(v[0]); }},
      {"rsqrt", "", {{9}}, 0.1, 2, [](const Values& v) { return rsqrt(v[0]); }},
      {"reciprocal", "", {{9}}, 0.1, 2, [](const Values& v) { return reciprocal(v[0]); }},
      {"exp", "", {{9}}, -2, 2, [](const Values& v) { return exp(v[0]); }},
      {"expm1", "", {{9}}, -2, 2, [](const Values& v) { return expm1(v[0]); }},
      {"log", "", {{9}}, 0.1, 2, [](const Values& v) { return log(v[0]); }},
      {"log1p", "", {{9}}, -0.5, 2, [](const Values& v) { return log1p(v[0]); }},
      {"sin", "", {{9}}, -5, 5, [](const Values& v) { return sin(v[0]); }},
      {"cos", "", {{9}}, -5, 5, [](const Values& v) { return cos(v[0]); }},
      {"tanh", "", {{9}}, -2, 2, [](const Values& v) { return tanh(v[0]); }},
      {"sigmoid", "", {{9}}, -3, 3, [](const Values& v) { return sigmoid(v[0]); }},
      {"softplus", "", {{9}}, -3, 3, [](const Values& v) { return softplus(v[0]); }},
      {"relu", "", {{9}}, -2, 2, [](const Values& v) { return relu(v[0]); }},
      {"erf", "", {{9}}, -2, 2, [](const Values& v) { return erf(v[0]); }},
      {"gelu", "", {{9}}, -2, 2, [](const Values& v) { return gelu(v[0]); }},
      {"clip", "", {{9}}, -2, 2, [](const Values& v) { return clip(v[0], -1.0, 0.5); }},
      {"where",
       "",
       {{3, 4}, {3, 4}, {4}},
       -2,
       2,
       [](const Values& v) { return where(greater(v[0], 0.0), v[1], v[2]); }},
      {"where",
       "number",
       {{9}},
       -2,
       2,
       [](const Values& v) { return where(less(v[0], 0.0), 1.0, v[0]); }},
      {"where",
       "second number",
       {{9}},
       -2,
       2,
       [](const Values& v) { return where(less(v[0], 0.0), v[0], 1.0); }},
      {"cast",
       "",
       {{9}},
       -2,
       2,
       [](const Values& v) { return cast(cast(v[0], DType::kFloat64), v[0].dtype()); }},
      {"stop_gradient",
       "",
       {{9}},
       -2,
       2,
       [](const Values& v) { return v[0] + stop_gradient(v[0] * 0.0); }},
      {"resample",
       "",
       {{2, 4, 3}},
       -1,
       1,
       [](const Values& v) {
         kernels::AxisMap map;
         map.in = 4;
         for (int i = 0; i < 3; ++i) {
           map.add(i, 0.5);
           map.add(3 - i, -2);
           map.finish();
         }
         return resample(v[0], 1, map);
       }},
      {"zero_pad", "", {{2, 3, 2}}, -1, 1, [](const Values& v) { return zero_pad(v[0], 1, 1, 2); }},
      {"repeat_elements",
       "",
       {{2, 3}},
       -1,
       1,
       [](const Values& v) { return repeat_elements(v[0], -1, 2); }},
      {"resize_axis",
       "",
       {{2, 5}},
       -1,
       1,
       [](const Values& v) { return resize_axis(v[0], 1, 7, "bicubic"); }},
      {"middle", "", {{2, 5}}, -1, 1, [](const Values& v) { return middle(v[0], 1, 2); }},
      {"crop_to_proportions",
       "",
       {{2, 5, 4, 1}},
       -1,
       1,
       [](const Values& v) { return crop_to_proportions(v[0], 1, 6, 3); }},
      {"pad_to_proportions",
       "",
       {{2, 3, 2, 1}},
       -1,
       1,
       [](const Values& v) { return pad_to_proportions(v[0], 1, 2, 2, 0.5); }},
      {"to_channels_last",
       "",
       {{2, 3, 2, 4}},
       -1,
       1,
       [](const Values& v) { return to_channels_last(v[0], "channels_first"); }},
      {"from_channels_last",
       "",
       {{2, 3, 2, 4}},
       -1,
       1,
       [](const Values& v) { return from_channels_last(v[0], "channels_first"); }},
      {"sum", "", {{3, 4}}, -1, 1, [](const Values& v) { return sum(v[0]); }},
      {"sum", "last", {{2, 3, 4}}, -1, 1, [](const Values& v) { return sum(v[0], {-1}); }},
      {"sum",
       "first",
       {{2, 3, 4}},
       -1,
       1,
       [](const Values& v) {
         return sum(v[0], {0, 1});
       }},
      {"sum",
       "ends",
       {{2, 3, 4}},
       -1,
       1,
       [](const Values& v) {
         return sum(v[0], {0, 2}, true);
       }},
      {"mean", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return mean(v[0], {1}); }},
      {"mean", "all", {{2, 3}}, -1, 1, [](const Values& v) { return mean(v[0]); }},
      {"prod", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return prod(v[0], {1}); }},
      {"max",
       "",
       {{2, 3, 4}},
       -1,
       1,
       [](const Values& v) {
         return max(v[0], {1, 2});
       }},
      {"min", "", {{2, 3, 4}}, -1, 1, [](const Values& v) { return min(v[0], {0}, true); }},
      {"logsumexp", "", {{2, 3, 4}}, -2, 2, [](const Values& v) { return logsumexp(v[0], {1}); }},
      {"logsumexp",
       "kept",
       {{3, 4}},
       -2,
       2,
       [](const Values& v) { return logsumexp(v[0], {-1}, true); }},
      {"moments",
       "mean",
       {{5, 3}},
       -2,
       2,
       [](const Values& v) { return moments(v[0], {0}).first; }},
      {"moments",
       "variance",
       {{5, 3}},
       -2,
       2,
       [](const Values& v) { return moments(v[0], {0}).second; }},
      {"moments",
       "both",
       {{2, 5, 3}},
       -2,
       2,
       [](const Values& v) {
         const auto [mean, variance] = moments(v[0], {-1}, true);
         return (v[0] - mean) * rsqrt(variance + 1e-3);
       }},
      {"sum_to_like",
       "",
       {{2, 3, 4}, {3, 1}},
       -1,
       1,
       [](const Values& v) { return square(sum_to_like(v[0], v[1])); }},
      {"broadcast_like",
       "",
       {{3, 1}, {2, 3, 4}},
       -1,
       1,
       [](const Values& v) { return square(broadcast_like(v[0], v[1])); }},
      {"reshape",
       "",
       {{2, 6}},
       -1,
       1,
       [](const Values& v) {
         return reshape(v[0], {4, kUnknown});
       }},
      {"reshape_like",
       "",
       {{2, 6}, {3, 4}},
       -1,
       1,
       [](const Values& v) { return reshape_like(v[0], v[1]); }},
      {"transpose",
       "",
       {{2, 3, 4}},
       -1,
       1,
       [](const Values& v) {
         return transpose(v[0], {2, 0, 1});
       }},
      {"expand_dims", "", {{2, 3}}, -1, 1, [](const Values& v) { return expand_dims(v[0], 1); }},
      {"squeeze", "", {{2, 1, 3}}, -1, 1, [](const Values& v) { return squeeze(v[0], -2); }},
      {"concatenate",
       "",
       {{2, 1, 3}, {2, 4, 3}},
       -1,
       1,
       [](const Values& v) { return concatenate(v, 1); }},
      {"slice", "", {{2, 5, 3}}, -1, 1, [](const Values& v) { return slice(v[0], 1, 1, 4); }},
      {"slice_into_zeros_like",
       "",
       {{2, 2}, {2, 5}},
       -1,
       1,
       [](const Values& v) { return slice_into_zeros_like(v[0], v[1], -1, 2); }},
      {"softmax", "", {{3, 5}}, -2, 2, [](const Values& v) { return softmax(v[0]); }},
      {"softmax", "axis", {{2, 3, 4}}, -2, 2, [](const Values& v) { return softmax(v[0], 1); }},
      {"log_softmax", "", {{3, 5}}, -2, 2, [](const Values& v) { return log_softmax(v[0]); }},
      {"log_softmax",
       "axis",
       {{3, 5}},
       -2,
       2,
       [](const Values& v) { return log_softmax(v[0], 0); }},
      {"sparsemax", "", {{3, 5}}, -1, 1, [](const Values& v) { return sparsemax(v[0]); }},
      {"get_item",
       "",
       {{3, 4, 5}},
       -1,
       1,
       [](const Values& v) {
         return get_item(v[0], Json::parse(R"([{"class_name": "__slice__", "config": {}},
             {"class_name": "__slice__", "config": {"start": 1, "stop": -1}}, null, 2])"));
       }},
      {"get_item",
       "ellipsis",
       {{3, 4, 5}},
       -1,
       1,
       [](const Values& v) {
         return get_item(v[0],
                         Json::parse(R"([{"class_name": "__ellipsis__", "config": {}}, -1])"));
       }},
      {"ctc_loss",
       "",
       {{2, 5, 4}},
       -1,
       1,
       [](const Values& v) {
         const Value labels = v[0].graph().constant(Tensor::of<std::int32_t>({2, 2}, {1, 2, 3, 0}));
         return ctc_loss(labels, v[0]);
       }},
      {"ctc_loss",
       "lengths",
       {{3, 5, 4}},
       -1,
       1,
       [](const Values& v) {
         const auto whole = [&](Shape shape, const std::vector<std::int32_t>& of) {
           return v[0].graph().constant(Tensor::of<std::int32_t>(std::move(shape), of));
         };
         return ctc_loss(whole({3, 2}, {1, 1, 0, 2, 2, 9}), v[0], whole({3}, {2, 1, 0}),
                         whole({3}, {5, 3, 4}), 3);
       }},
      {"fmod", "", {{3, 4}, {4}}, 0.3, 2, [](const Values& v) { return fmod(4.0 * v[0], v[1]); }},
      {"atan2", "", {{3, 4}, {3, 1}}, -2, 2, [](const Values& v) { return atan2(v[0], v[1]); }},
      {"take",
       "",
       {{2, 4, 3}},
       -1,
       1,
       [](const Values& v) {
         return take(v[0], v[0].graph().constant(Tensor::of<std::int32_t>({2, 2}, {0, 3, -1, 3})),
                     1);
       }},
      {"take_along_axis",
       "",
       {{2, 4, 3}},
       -1,
       1,
       [](const Values& v) { return take_along_axis(v[0], argsort(v[0] * v[0], 1), 1); }},
      {"add_taken",
       "",
       {{2, 3}, {2, 4}},
       -1,
       1,
       [](const Values& v) {
         const Value places = v[0].graph().constant(Tensor::of<std::int32_t>({3}, {1, 1, 3}));
         return square(add_taken(v[0], places, v[1], 1));
       }},
      {"add_taken_along_axis",
       "",
       {{2, 3}, {2, 4}},
       -1,
       1,
       [](const Values& v) {
         const Value places =
             v[0].graph().constant(Tensor::of<std::int32_t>({2, 3}, {1, 1, 3, 0, 2, 2}));
         return square(add_taken_along_axis(v[0], places, v[1], 1));
       }},
      {"sort", "", {{3, 5}}, -1, 1, [](const Values& v) { return sort(v[0]); }},
      {"sort", "descending", {{3, 5}}, -1, 1, [](const Values& v) { return sort(v[0], 0, true); }},
      {"cumsum", "", {{2, 4, 3}}, -1, 1, [](const Values& v) { return cumsum(v[0], 1); }},
      {"reverse_cumsum",
       "",
       {{2, 4}},
       -1,
       1,
       [](const Values& v) { return reverse_cumsum(v[0], -1); }},
      {"pick",
       "",
       {{2, 4, 3}},
       -1,
       1,
       [](const Values& v) {
         return pick(v[0], 1, {3, 0, 0});
       }},
      {"flip", "", {{2, 4, 3}}, -1, 1, [](const Values& v) { return flip(v[0], 1); }},
      {"roll", "", {{2, 4, 3}}, -1, 1, [](const Values& v) { return roll(v[0], 2, -1); }},
      {"stride", "", {{2, 7}}, -1, 1, [](const Values& v) { return stride(v[0], 1, 5, 0, -2); }},
      {"pad_mirrored",
       "",
       {{2, 3}},
       -1,
       1,
       [](const Values& v) { return pad_mirrored(v[0], 1, 4, 2, "reflect"); }},
      {"to_floating", "", {{4}}, -1, 1, [](const Values& v) { return to_floating(v[0]); }},
      {"widened", "", {{4}}, -1, 1, [](const Values& v) { return widened(v[0]); }},
      {"in_floats", "", {{4}}, -1, 1, [](const Values& v) { return in_floats(v[0], square); }},
      {"sparsemax", "axis", {{3, 5}}, -1, 1, [](const Values& v) { return sparsemax(v[0], 0); }},
      {"gelu_slope",
       "",
       {{9}},
       -2,
       2,
       [](const Values& v) { return slope(square(gelu(v[0])), v); }},
      {"where_positive",
       "",
       {{9}},
       -1,
       1,
       [](const Values& v) { return slope(square(relu(v[0])), v); }},
      {"log_or_zero",
       "",
       {{9}},
       0.5,
       2,
       [](const Values& v) { return slope(power(v[0], v[0]), v); }},
  };
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = [] {
    std::vector<Case> all = elementary_cases();
    for (const std::vector<Case>& theme : {network_cases(), linalg_cases(), place_cases()})
      all.insert(all.end(), theme.begin(), theme.end());
    return all;
  }();
  return kCases;
}

// Functions that hand nothing back: by value they are tested elsewhere.
const std::set<std::string>& without_gradient() {
  static const std::set<std::string> kNames = {"affine_transform",
                                               "quantized_matmul",  // quantized_test.cpp
                                               "quantized_conv",
                                               "random_log_gamma",
                                               "eye_like",
                                               "row_places",
                                               "ctc_beam_search",
                                               "view",
                                               "cofactors",
                                               "argsort",
                                               "integer_function",
                                               "sign",
                                               "floor",
                                               "round",
                                               "equal",
                                               "not_equal",
                                               "greater",
                                               "greater_equal",
                                               "less",
                                               "less_equal",
                                               "is_finite",
                                               "zeros_like",
                                               "ones_like",
                                               "causal_mask",
                                               "window_mask",
                                               "argmax",
                                               "count",
                                               "one_hot",
                                               "random_uniform",
                                               "random_normal",
                                               "confusion_counts",
                                               "call_named",
                                               "lookup_index",
                                               "lookup_token",
                                               "hash_bins",
                                               "cross_hashed",
                                               "token_indices",
                                               "token_counts"};
  return kNames;
}

// Numbers between low and high that look random, the same each time.
Tensor numbers(const Shape& shape, double low, double high, unsigned seed) {
  Tensor tensor(DType::kFloat64, shape);
  std::uint32_t state = seed * 2654435761u + 12345u;
  for (double& x : tensor.span<double>()) {
    state = state * 1664525u + 1013904223u;
    x = low + (high - low) * (static_cast<double>(state >> 8) * 0x1p-24);
  }
  return tensor;
}

std::vector<Tensor> operands(const Case& c, DType dtype) {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < c.shapes.size(); ++i)
    tensors.push_back(numbers(c.shapes[i], c.low, c.high, static_cast<unsigned>(i) + 1).as(dtype));
  return tensors;
}

// The result, and a scalar that depends on each of its elements differently.
Value weighted(Value out) {
  const Tensor weights = numbers(out.shape(), 0.5, 1.5, 99).as(out.dtype());
  return sum(out * out.graph().constant(weights));
}

// Result first, then the gradients by the operands.
std::vector<Tensor> run_with_gradients(const Case& c, DType dtype, bool optimized) {
  return run_graph(
      operands(c, dtype),
      [&](const Values& v) {
        const Value out = c.build(v);
        Values results{out};
        const std::vector<Value> d = gradients(weighted(out), v);
        for (std::size_t i = 0; i < v.size(); ++i)
          results.push_back(d[i] ? d[i] : zeros_like(v[i]));
        return results;
      },
      optimized);
}

class EveryCase : public testing::TestWithParam<std::size_t> {
 protected:
  const Case& c() const { return cases()[GetParam()]; }
};

TEST_P(EveryCase, GradientIsThatOfFiniteDifferences) {
  const std::vector<Tensor> results = run_with_gradients(c(), DType::kFloat64, false);
  std::vector<Tensor> in = operands(c(), DType::kFloat64);
  const auto loss = [&] {
    return *run_one(in, [&](const Values& v) { return weighted(c().build(v)); }).data<double>();
  };
  bool any = false;
  for (std::size_t k = 0; k < in.size(); ++k)
    for (std::int64_t i = 0; i < in[k].size(); ++i) {
      double& x = in[k].data<double>()[i];
      const double kept = x, h = 1e-5;
      x = kept + h;
      const double above = loss();
      x = kept - h;
      const double below = loss();
      x = kept;
      const double expected = (above - below) / (2 * h), got = results[k + 1].data<double>()[i];
      EXPECT_NEAR(got, expected, 1e-7 * (1 + std::fabs(expected)))
          << "operand " << k << " element " << i;
      any = any || got != 0;
    }
  EXPECT_TRUE(any) << "no gradient at all";
}

TEST_P(EveryCase, FloatIsCloseToDouble) {
  const std::vector<Tensor> wide = run_with_gradients(c(), DType::kFloat64, false);
  const std::vector<Tensor> narrow = run_with_gradients(c(), DType::kFloat32, false);
  for (std::size_t k = 0; k < wide.size(); ++k) {
    ASSERT_EQ(narrow[k].shape(), wide[k].shape());
    double scale = 1;
    for (const double x : wide[k].span<double>()) scale = std::max(scale, std::fabs(x));
    for (std::int64_t i = 0; i < wide[k].size(); ++i)
      EXPECT_NEAR(static_cast<double>(narrow[k].data<float>()[i]), wide[k].data<double>()[i],
                  4e-6 * scale)
          << "result " << k << " element " << i;
  }
}

TEST_P(EveryCase, OptimizedIsThePlainGraphBitForBit) {
  const std::vector<Tensor> plain = run_with_gradients(c(), DType::kFloat32, false);
  const std::vector<Tensor> optimized = run_with_gradients(c(), DType::kFloat32, true);
  for (std::size_t k = 0; k < plain.size(); ++k)
    EXPECT_EQ(elements(optimized[k]), elements(plain[k])) << "result " << k;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryCase, testing::Range(std::size_t{0}, cases().size()),
                         [](const auto& info) {
                           const Case& c = cases()[info.param];
                           const std::string name =
                               std::string(c.function) + (*c.what ? std::string("_") + c.what : "");
                           return std::regex_replace(name, std::regex("[^a-z0-9_]+"), "_");
                         });

std::set<std::string> tested_functions() {
  std::set<std::string> names;
  for (const Case& c : cases()) names.insert(c.function);
  return names;
}

TEST(Completeness, EveryFunctionOfTheHeadersHasACase) {
  const std::filesystem::path folder =
      std::filesystem::path(KERATIN_TEST_DATA) / ".." / ".." / "src" / "ops";
  const std::set<std::string> tested = tested_functions();
  const std::regex declaration(R"(^(?:Value|std::pair<Value, Value>) (\w+)\()");
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".h") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, declaration)) continue;
      ++found;
      const std::string name = match[1];
      EXPECT_NE(tested.count(name), without_gradient().count(name))
          << name << " of " << entry.path().filename()
          << " belongs in cases() or in without_gradient()";
    }
  }
  EXPECT_GT(found, 60);
}

TEST(Completeness, EveryElementwiseFunctionHasACase) {
  const std::set<std::string> tested = tested_functions();
  // Names of the table that go by another name, or that only gradient rules use.
  const std::set<std::string> inner = {"copy", "share_of_extreme", "share_of_clip"};
  for (int i = 0; i < kernels::kFunctionCount; ++i) {
    const auto fn = static_cast<kernels::Fn>(i);
    const std::string name(kernels::name_of(fn));
    if (inner.count(name)) continue;
    EXPECT_EQ(has_gradient(fn), tested.count(name) == 1) << name;
    EXPECT_NE(has_gradient(fn), without_gradient().count(name) == 1) << name;
  }
}

TEST(WithoutGradient, NothingIsHandedBack) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {3, 4}});
  const auto seed =
      std::make_shared<Variable>("seed", Tensor::of<std::uint32_t>({2}, {1, 0}), false);
  for (const Value& y : {sign(x), floor(x), round(x), equal(x, 1.0), not_equal(x, x),
                         greater(x, 0.0), greater_equal(x, 0.0), less(x, 0.0), less_equal(x, 0.0),
                         is_finite(x), zeros_like(x), ones_like(x), stop_gradient(x),
                         cast(argmax(x, 0), DType::kFloat32), count(x), random_uniform(seed, x),
                         random_normal(seed, x), sum(confusion_counts(x, x, x, {0.5f}, false))})
    EXPECT_FALSE(gradients(sum(y), Values{x})[0]);
}

}  // namespace
}  // namespace keratin::ops
