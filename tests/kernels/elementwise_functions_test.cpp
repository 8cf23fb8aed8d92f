// Every elementwise function of floats, against the same in double, over all magnitudes and special
// values.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "kernels/elementwise.h"

namespace keratin::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

const std::vector<float> kSpecial = {
    0.0f,      -0.0f,   1.0f,        -1.0f,          0.5f,          -0.5f,          2.0f,
    -2.0f,     1.5f,    2.5f,        -2.5f,          kInfinity,     -kInfinity,     kNan,
    1e-45f,    -1e-45f, 1e-39f,      1.1754944e-38f, 3.4028235e38f, -3.4028235e38f, 88.72283f,
    88.72284f, 88.8f,   -87.33655f,  -103.9f,        -104.1f,       -150.0f,        9.01f,
    10.0f,     -10.0f,  0.99999994f, 1.0000001f,     -0.99999994f,  16777216.0f,    8388607.5f,
    1e-8f,     -1e-8f,  20.0f,       -20.0f};

// Floats of all magnitudes and both signs, then the special ones.
std::vector<float> all_magnitudes() {
  std::vector<float> values;
  for (std::uint64_t bits = 0; bits <= 0xffffffffu; bits += 8209)
    values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  for (float x = -20; x < 20; x += 0.00037f) values.push_back(x);
  values.insert(values.end(), kSpecial.begin(), kSpecial.end());
  return values;
}

// Pairs of operands: each special value with each, and a spread of others.
void pairs(std::vector<float>& a, std::vector<float>& b) {
  for (float x : kSpecial)
    for (float y : kSpecial) a.push_back(x), b.push_back(y);
  std::uint32_t state = 1;
  const auto next = [&state] {
    state = state * 1664525u + 1013904223u;
    return state;
  };
  for (int i = 0; i < 100000; ++i) {
    a.push_back(std::bit_cast<float>(next()));
    b.push_back(std::bit_cast<float>(next()));
    a.push_back(static_cast<float>(next() >> 8) * 0x1p-22f);
    b.push_back(static_cast<float>(static_cast<std::int32_t>(next())) * 0x1p-28f);
  }
}

// Steps of the float grid between a result and the rounded truth.
double distance(float got, double truth) {
  const auto expected = static_cast<float>(truth);
  if (std::isnan(got) || std::isnan(expected))
    return std::isnan(got) == std::isnan(expected) ? 0 : kInfinity;
  const auto place = [](float x) {
    const auto bits = std::bit_cast<std::int32_t>(x);
    return static_cast<std::int64_t>(bits < 0 ? std::numeric_limits<std::int32_t>::min() - bits
                                              : bits);
  };
  return std::fabs(static_cast<double>(place(got) - place(expected)));
}

// Those that subtract what is nearly equal are as exact as their largest part: as x, or as 1.
bool is_absolute(Fn fn) { return fn == Fn::gelu || fn == Fn::gelu_slope; }
double absolute_distance(float got, double truth, double x) {
  if (!std::isfinite(truth)) return distance(got, truth);
  return std::fabs(got - truth) / (std::max(1.0, std::fabs(x)) * 0x1p-24);
}

double allowed(Fn fn) {
  static const std::map<Fn, double> kAllowed = {
      {Fn::exp, 1},      {Fn::expm1, 2},       {Fn::log, 1},   {Fn::log1p, 2},
      {Fn::sin, 1},      {Fn::cos, 1},         {Fn::tanh, 3},  {Fn::sigmoid, 3},
      {Fn::softplus, 3}, {Fn::erf, 2},         {Fn::rsqrt, 1}, {Fn::atan2, 1},
      {Fn::power, 1},    {Fn::log_or_zero, 1}, {Fn::gelu, 4},  {Fn::gelu_slope, 4}};
  const auto found = kAllowed.find(fn);
  return found == kAllowed.end() ? 0 : found->second;
}

Program program_of(Fn fn) {
  Instruction instruction{fn, {}};
  for (int k = 0; k < arity(fn); ++k) instruction.operands[k] = Operand::input(k);
  return {arity(fn), {instruction}};
}

class EveryFunction : public testing::TestWithParam<int> {};

TEST_P(EveryFunction, OfFloatsIsThatOfDoubles) {
  const Fn fn = static_cast<Fn>(GetParam());
  std::vector<float> in[3];
  if (arity(fn) == 1) {
    in[0] = all_magnitudes();
  } else {
    pairs(in[0], in[1]);
    in[2] = in[1];
    if (arity(fn) == 3) {
      // The third operand is another one of the same kind; sometimes equal to the second.
      std::rotate(in[2].begin(), in[2].begin() + 1, in[2].end());
      for (std::size_t i = 0; i < in[2].size(); i += 7) in[2][i] = in[1][i], in[0][i] = in[1][i];
    }
  }
  const auto n = static_cast<std::int64_t>(in[0].size());
  std::vector<Shape> shapes(static_cast<std::size_t>(arity(fn)), Shape{n});
  const Elementwise kernel(program_of(fn), DType::kFloat32, shapes, {n});
  std::vector<float> out(in[0].size(), 7.0f);
  const void* operands[3] = {in[0].data(), in[1].data(), in[2].data()};
  kernel.run(operands, out.data());

  double worst = 0;
  std::string where;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double a = in[0][i], b = arity(fn) > 1 ? in[1][i] : 0, c = arity(fn) > 2 ? in[2][i] : 0;
    const double truth = evaluate(fn, a, b, c);
    const double error =
        is_absolute(fn) ? absolute_distance(out[i], truth, a) : distance(out[i], truth);
    if (error > worst) {
      worst = error;
      where = std::string(name_of(fn)) + "(" + std::to_string(a) + ", " + std::to_string(b) + ", " +
              std::to_string(c) + ") = " + std::to_string(out[i]);
    }
  }
  EXPECT_LE(worst, allowed(fn)) << where;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryFunction, testing::Range(0, kFunctionCount),
                         [](const auto& info) {
                           return std::string(name_of(static_cast<Fn>(info.param)));
                         });

}  // namespace
}  // namespace keratin::kernels
