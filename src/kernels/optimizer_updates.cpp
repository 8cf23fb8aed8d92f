#include "kernels/optimizer_updates.h"

#include "kernels/pieces.h"
#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/optimizer_updates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void sgd(const Sgd& s, float* weight, const float* gradient, float* velocity, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto w = hn::LoadU(d, weight + i);
    const auto change = hn::Mul(hn::Set(d, s.learning_rate), hn::LoadU(d, gradient + i));
    if (s.momentum == 0) return hn::StoreU(hn::Sub(w, change), d, weight + i);
    const auto momentum = hn::Set(d, s.momentum);
    const auto v = hn::Sub(hn::Mul(momentum, hn::LoadU(d, velocity + i)), change);
    hn::StoreU(v, d, velocity + i);
    const auto ahead = s.nesterov ? hn::Sub(hn::Mul(momentum, v), change) : v;
    hn::StoreU(hn::Add(w, ahead), d, weight + i);
  });
}

void adam(const Adam& s, float* weight, const float* gradient, float* m, float* v, float* v_hat,
          std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gradient + i);
    auto mean = hn::LoadU(d, m + i);
    mean = hn::Add(mean, hn::Mul(hn::Sub(g, mean), hn::Set(d, s.one_minus_beta_1)));
    auto square = hn::LoadU(d, v + i);
    square =
        hn::Add(square, hn::Mul(hn::Sub(hn::Mul(g, g), square), hn::Set(d, s.one_minus_beta_2)));
    hn::StoreU(mean, d, m + i);
    hn::StoreU(square, d, v + i);
    if (v_hat != nullptr) {
      square = hn::Max(hn::LoadU(d, v_hat + i), square);
      hn::StoreU(square, d, v_hat + i);
    }
    const auto change = hn::Div(hn::Mul(mean, hn::Set(d, s.alpha)),
                                hn::Add(hn::Sqrt(square), hn::Set(d, s.epsilon)));
    hn::StoreU(hn::Sub(hn::LoadU(d, weight + i), change), d, weight + i);
  });
}

void rmsprop(const RmsProp& s, float* weight, const float* gradient, float* v, float* velocity,
             float* average, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto rho = hn::Set(d, s.rho), rest = hn::Set(d, s.one_minus_rho);
    const auto g = hn::LoadU(d, gradient + i);
    const auto square = hn::Add(hn::Mul(rho, hn::LoadU(d, v + i)), hn::Mul(rest, hn::Mul(g, g)));
    hn::StoreU(square, d, v + i);
    auto below = square;
    if (average != nullptr) {
      const auto mean = hn::Add(hn::Mul(rho, hn::LoadU(d, average + i)), hn::Mul(rest, g));
      hn::StoreU(mean, d, average + i);
      below = hn::Sub(below, hn::Mul(mean, mean));
    }
    below = hn::Add(below, hn::Set(d, s.epsilon));
    auto change = hn::Div(hn::Mul(hn::Set(d, s.learning_rate), g), hn::Sqrt(below));
    if (velocity != nullptr) {
      change = hn::Add(hn::Mul(hn::Set(d, s.momentum), hn::LoadU(d, velocity + i)), change);
      hn::StoreU(change, d, velocity + i);
    }
    hn::StoreU(hn::Sub(hn::LoadU(d, weight + i), change), d, weight + i);
  });
}

void decay(float* weight, float factor, float learning_rate, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto w = hn::LoadU(d, weight + i);
    const auto part = hn::Mul(hn::Mul(w, hn::Set(d, factor)), hn::Set(d, learning_rate));
    hn::StoreU(hn::Sub(w, part), d, weight + i);
  });
}

void move_average(float* average, const float* weight, float momentum, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto kept = hn::Mul(hn::Set(d, momentum), hn::LoadU(d, average + i));
    const auto added = hn::Mul(hn::Set(d, 1.0f - momentum), hn::LoadU(d, weight + i));
    hn::StoreU(hn::Add(kept, added), d, average + i);
  });
}

void add(float* sum, const float* gradient, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    hn::StoreU(hn::Add(hn::LoadU(d, sum + i), hn::LoadU(d, gradient + i)), d, sum + i);
  });
}

void mean(float* gradient, const float* sum, float divisor, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto total = hn::Add(hn::LoadU(d, gradient + i), hn::LoadU(d, sum + i));
    hn::StoreU(hn::Div(total, hn::Set(d, divisor)), d, gradient + i);
  });
}

void multiply_divide(float* x, float factor, float divisor, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto product = hn::Mul(hn::LoadU(d, x + i), hn::Set(d, factor));
    hn::StoreU(hn::Div(product, hn::Set(d, divisor)), d, x + i);
  });
}

void clip(float* x, float low, float high, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, x + i), least = hn::Set(d, low), most = hn::Set(d, high);
    const auto at_least = hn::IfThenElse(hn::Lt(value, least), least, value);
    hn::StoreU(hn::IfThenElse(hn::Gt(at_least, most), most, at_least), d, x + i);
  });
}

// Blocks are summed in lanes of float, the blocks in double.
double squares(const float* x, std::int64_t count) {
  constexpr std::int64_t kBlock = 1024;
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  double total = 0;
  for (std::int64_t begin = 0; begin < count; begin += kBlock) {
    const std::int64_t end = HWY_MIN(count, begin + kBlock);
    auto sum = hn::Zero(d);
    std::int64_t i = begin;
    for (; i + lanes <= end; i += lanes) {
      const auto value = hn::LoadU(d, x + i);
      sum = hn::Add(sum, hn::Mul(value, value));
    }
    total += double{hn::GetLane(hn::SumOfLanes(d, sum))};
    for (; i < end; ++i) total += double{x[i]} * double{x[i]};
  }
  return total;
}

}  // namespace
}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <array>
#include <cmath>

namespace keratin::kernels {
namespace {

HWY_EXPORT(sgd);
HWY_EXPORT(adam);
HWY_EXPORT(rmsprop);
HWY_EXPORT(decay);
HWY_EXPORT(move_average);
HWY_EXPORT(add);
HWY_EXPORT(mean);
HWY_EXPORT(multiply_divide);
HWY_EXPORT(clip);
HWY_EXPORT(squares);

float* at(float* x, std::int64_t i) { return x == nullptr ? nullptr : x + i; }

}  // namespace

void update_sgd(const Sgd& step, float* weight, const float* gradient, float* velocity,
                std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(sgd)(step, weight + i, gradient + i, at(velocity, i), n);
  });
}

Adam Adam::at(std::int64_t iterations, float learning_rate, double beta_1, double beta_2,
              double epsilon) {
  const auto t = static_cast<float>(iterations + 1);
  const float power_1 = std::pow(static_cast<float>(beta_1), t);
  const float power_2 = std::pow(static_cast<float>(beta_2), t);
  return {learning_rate * std::sqrt(1.0f - power_2) / (1.0f - power_1),
          static_cast<float>(1 - beta_1), static_cast<float>(1 - beta_2),
          static_cast<float>(epsilon)};
}

void update_adam(const Adam& step, float* weight, const float* gradient, float* m, float* v,
                 float* v_hat, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(adam)(step, weight + i, gradient + i, m + i, v + i, at(v_hat, i), n);
  });
}

void update_rmsprop(const RmsProp& step, float* weight, const float* gradient, float* v,
                    float* velocity, float* average, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(rmsprop)
    (step, weight + i, gradient + i, v + i, at(velocity, i), at(average, i), n);
  });
}

void decay_weights(float* weight, float factor, float learning_rate, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(decay)(weight + i, factor, learning_rate, n);
  });
}

void update_average(float* average, const float* weight, float momentum, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(move_average)(average + i, weight + i, momentum, n);
  });
}

void accumulate(float* sum, const float* gradient, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(add)(sum + i, gradient + i, n);
  });
}

void mean_with_accumulated(float* gradient, const float* sum, float divisor, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(mean)(gradient + i, sum + i, divisor, n);
  });
}

void scale(float* x, float factor, std::int64_t count) { scale_and_divide(x, factor, 1.0f, count); }

void scale_and_divide(float* x, float factor, float divisor, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(multiply_divide)(x + i, factor, divisor, n);
  });
}

void clip_by_value(float* x, float low, float high, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(clip)(x + i, low, high, n);
  });
}

float sum_of_squares(const float* x, std::int64_t count) {
  constexpr std::int64_t kMost = 64;  // sums to keep
  const std::int64_t pieces = std::clamp<std::int64_t>(count / kPiece, 1, kMost);
  std::array<double, kMost> sums;
  parallel_for(pieces, [&](std::int64_t piece) {
    const std::int64_t begin = count * piece / pieces, end = count * (piece + 1) / pieces;
    sums[std::size_t(piece)] = HWY_DYNAMIC_DISPATCH(squares)(x + begin, end - begin);
  });
  double total = 0;
  for (std::int64_t i = 0; i < pieces; ++i) total += sums[std::size_t(i)];
  return static_cast<float>(total);
}

}  // namespace keratin::kernels

#endif  // HWY_ONCE
