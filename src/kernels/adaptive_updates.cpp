#include "kernels/adaptive_updates.h"

#include <cmath>

#include "kernels/pieces.h"
#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adaptive_updates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

void adadelta(const Adadelta& s, float* weight, const float* gradient, float* a, float* d_squares,
              std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto rho = hn::Set(d, s.rho), rest = hn::Set(d, s.one_minus_rho);
    const auto epsilon = hn::Set(d, s.epsilon), g = hn::LoadU(d, gradient + i);
    const auto squares = hn::Add(hn::Mul(rho, hn::LoadU(d, a + i)), hn::Mul(rest, hn::Mul(g, g)));
    const auto changes = hn::LoadU(d, d_squares + i);
    const auto change = hn::Neg(hn::Div(hn::Mul(hn::Sqrt(hn::Add(changes, epsilon)), g),
                                        hn::Sqrt(hn::Add(squares, epsilon))));
    hn::StoreU(squares, d, a + i);
    hn::StoreU(hn::Add(hn::Mul(rho, changes), hn::Mul(rest, hn::Mul(change, change))), d,
               d_squares + i);
    hn::StoreU(hn::Add(hn::LoadU(d, weight + i), hn::Mul(hn::Set(d, s.learning_rate), change)), d,
               weight + i);
  });
}

void adagrad(float learning_rate, float epsilon, float* weight, const float* gradient, float* a,
             std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gradient + i);
    const auto squares = hn::Add(hn::LoadU(d, a + i), hn::Mul(g, g));
    hn::StoreU(squares, d, a + i);
    const auto change = hn::Div(hn::Mul(hn::Set(d, learning_rate), g),
                                hn::Sqrt(hn::Add(squares, hn::Set(d, epsilon))));
    hn::StoreU(hn::Sub(hn::LoadU(d, weight + i), change), d, weight + i);
  });
}

void adamax(const Adamax& s, float* weight, const float* gradient, float* m, float* u,
            std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gradient + i);
    auto mean = hn::LoadU(d, m + i);
    mean = hn::Add(mean, hn::Mul(hn::Sub(g, mean), hn::Set(d, s.one_minus_beta_1)));
    const auto norm = hn::Max(hn::Mul(hn::Set(d, s.beta_2), hn::LoadU(d, u + i)), hn::Abs(g));
    hn::StoreU(mean, d, m + i);
    hn::StoreU(norm, d, u + i);
    const auto below = hn::Mul(hn::Set(d, s.correction), hn::Add(norm, hn::Set(d, s.epsilon)));
    const auto change = hn::Div(hn::Mul(hn::Set(d, s.learning_rate), mean), below);
    hn::StoreU(hn::Sub(hn::LoadU(d, weight + i), change), d, weight + i);
  });
}

// m and v of Adam and its kin, stored; and given back.
template <class D>
HWY_INLINE auto move_moments(D d, float one_minus_beta_1, float one_minus_beta_2,
                             const float* gradient, float* m, float* v) {
  struct Moments {
    hn::Vec<D> gradient, mean, square;
  };
  const auto g = hn::LoadU(d, gradient);
  auto mean = hn::LoadU(d, m), square = hn::LoadU(d, v);
  mean = hn::Add(mean, hn::Mul(hn::Sub(g, mean), hn::Set(d, one_minus_beta_1)));
  square = hn::Add(square, hn::Mul(hn::Sub(hn::Mul(g, g), square), hn::Set(d, one_minus_beta_2)));
  hn::StoreU(mean, d, m);
  hn::StoreU(square, d, v);
  return Moments{g, mean, square};
}

void nadam(const Nadam& s, float* weight, const float* gradient, float* m, float* v,
           std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto now =
        move_moments(d, s.one_minus_beta_1, s.one_minus_beta_2, gradient + i, m + i, v + i);
    const auto ahead =
        hn::Div(hn::Mul(hn::Set(d, s.u_next), now.mean), hn::Set(d, s.one_minus_product_next));
    const auto present =
        hn::Div(hn::Mul(hn::Set(d, s.one_minus_u), now.gradient), hn::Set(d, s.one_minus_product));
    const auto below =
        hn::Add(hn::Sqrt(hn::Div(now.square, hn::Set(d, s.correction))), hn::Set(d, s.epsilon));
    const auto change =
        hn::Div(hn::Mul(hn::Add(ahead, present), hn::Set(d, s.learning_rate)), below);
    hn::StoreU(hn::Sub(hn::LoadU(d, weight + i), change), d, weight + i);
  });
}

void lion(const Lion& s, float* weight, const float* gradient, float* m, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gradient + i), mean = hn::LoadU(d, m + i);
    const auto ahead =
        hn::Add(hn::Mul(mean, hn::Set(d, s.beta_1)), hn::Mul(g, hn::Set(d, s.one_minus_beta_1)));
    const auto one = hn::Set(d, 1.0f);
    const auto zero = hn::Zero(d);
    const auto sign = hn::Sub(hn::IfThenElseZero(hn::Gt(ahead, zero), one),
                              hn::IfThenElseZero(hn::Lt(ahead, zero), one));
    hn::StoreU(hn::Sub(hn::LoadU(d, weight + i), hn::Mul(hn::Set(d, s.learning_rate), sign)), d,
               weight + i);
    hn::StoreU(
        hn::Add(hn::Mul(mean, hn::Set(d, s.beta_2)), hn::Mul(g, hn::Set(d, s.one_minus_beta_2))), d,
        m + i);
  });
}

void ftrl(const Ftrl& s, float* weight, const float* gradient, float* a, float* l,
          std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gradient + i), w = hn::LoadU(d, weight + i);
    const auto before = hn::LoadU(d, a + i), rate = hn::Set(d, s.learning_rate);
    const auto now = hn::Add(before, hn::Mul(g, g));
    auto root = hn::Sqrt(now), root_before = hn::Sqrt(before);
    if (s.power != 0.5f) {  // rare: a power for each
      const auto power = [&](auto x) HWY_ATTR {
        HWY_ALIGN float values[HWY_MAX_BYTES / sizeof(float)];
        hn::Store(x, d, values);
        for (std::size_t k = 0; k < hn::Lanes(d); ++k) values[k] = std::pow(values[k], s.power);
        return hn::Load(d, values);
      };
      root = power(now);
      root_before = power(before);
    }
    const auto used = hn::Add(g, hn::Mul(hn::Set(d, s.twice_shrinkage), w));
    const auto sigma = hn::Mul(hn::Div(hn::Sub(root, root_before), rate), w);
    const auto linear = hn::Add(hn::LoadU(d, l + i), hn::Sub(used, sigma));
    const auto quadratic = hn::Add(hn::Div(root, rate), hn::Set(d, s.twice_l2));
    const auto clipped = hn::Min(hn::Max(linear, hn::Set(d, -s.l1)), hn::Set(d, s.l1));
    hn::StoreU(linear, d, l + i);
    hn::StoreU(now, d, a + i);
    hn::StoreU(hn::Div(hn::Sub(clipped, linear), quadratic), d, weight + i);
  });
}

void schedule_free(const ScheduleFree& s, float* weight, const float* gradient, float* z, float* v,
                   std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gradient + i), before = hn::LoadU(d, z + i);
    const auto beta = hn::Set(d, s.beta_1), rest = hn::Set(d, s.one_minus_beta_1);
    auto square = hn::LoadU(d, v + i);
    square =
        hn::Add(square, hn::Mul(hn::Sub(hn::Mul(g, g), square), hn::Set(d, s.one_minus_beta_2)));
    const auto below =
        hn::Add(hn::Sqrt(hn::Div(square, hn::Set(d, s.correction))), hn::Set(d, s.epsilon));
    const auto now = hn::Sub(before, hn::Div(hn::Mul(hn::Set(d, s.learning_rate), g), below));
    const auto average = hn::Div(hn::Sub(hn::LoadU(d, weight + i), hn::Mul(rest, before)), beta);
    const auto moved =
        hn::Add(hn::Mul(hn::Set(d, s.one_minus_part), average), hn::Mul(hn::Set(d, s.part), now));
    hn::StoreU(square, d, v + i);
    hn::StoreU(now, d, z + i);
    hn::StoreU(hn::Add(hn::Mul(rest, now), hn::Mul(beta, moved)), d, weight + i);
  });
}

void lamb(const Lamb& s, float* gradient, float* m, float* v, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto now =
        move_moments(d, s.one_minus_beta_1, s.one_minus_beta_2, gradient + i, m + i, v + i);
    const auto below =
        hn::Add(hn::Sqrt(hn::Div(now.square, hn::Set(d, s.correction_2))), hn::Set(d, s.epsilon));
    hn::StoreU(hn::Div(hn::Div(now.mean, hn::Set(d, s.correction_1)), below), d, gradient + i);
  });
}

void muon(float momentum, bool nesterov, float* gradient, float* m, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gradient + i);
    auto mean = hn::LoadU(d, m + i);
    mean = hn::Add(mean, hn::Add(g, hn::Mul(mean, hn::Set(d, momentum - 1))));
    hn::StoreU(mean, d, m + i);
    if (nesterov) mean = hn::Add(g, hn::Mul(hn::Set(d, momentum), mean));
    hn::StoreU(mean, d, gradient + i);
  });
}

void subtract(float factor, float* weight, const float* x, std::int64_t count) {
  each(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto part = hn::Mul(hn::Set(d, factor), hn::LoadU(d, x + i));
    hn::StoreU(hn::Sub(hn::LoadU(d, weight + i), part), d, weight + i);
  });
}

}  // namespace
}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace keratin::kernels {
namespace {

HWY_EXPORT(adadelta);
HWY_EXPORT(adagrad);
HWY_EXPORT(adamax);
HWY_EXPORT(nadam);
HWY_EXPORT(lion);
HWY_EXPORT(ftrl);
HWY_EXPORT(schedule_free);
HWY_EXPORT(lamb);
HWY_EXPORT(muon);
HWY_EXPORT(subtract);

}  // namespace

void update_adadelta(const Adadelta& step, float* weight, const float* gradient, float* a, float* b,
                     std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(adadelta)(step, weight + i, gradient + i, a + i, b + i, n);
  });
}

void update_adamax(const Adamax& step, float* weight, const float* gradient, float* a, float* b,
                   std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(adamax)(step, weight + i, gradient + i, a + i, b + i, n);
  });
}

void update_nadam(const Nadam& step, float* weight, const float* gradient, float* a, float* b,
                  std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(nadam)(step, weight + i, gradient + i, a + i, b + i, n);
  });
}

void update_ftrl(const Ftrl& step, float* weight, const float* gradient, float* a, float* b,
                 std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(ftrl)(step, weight + i, gradient + i, a + i, b + i, n);
  });
}

void update_schedule_free(const ScheduleFree& step, float* weight, const float* gradient, float* a,
                          float* b, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(schedule_free)(step, weight + i, gradient + i, a + i, b + i, n);
  });
}

void update_adagrad(float learning_rate, float epsilon, float* weight, const float* gradient,
                    float* a, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(adagrad)(learning_rate, epsilon, weight + i, gradient + i, a + i, n);
  });
}

void update_lion(const Lion& step, float* weight, const float* gradient, float* m,
                 std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(lion)(step, weight + i, gradient + i, m + i, n);
  });
}

void lamb_direction(const Lamb& step, float* gradient, float* m, float* v, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(lamb)(step, gradient + i, m + i, v + i, n);
  });
}

void muon_direction(float momentum, bool nesterov, float* gradient, float* m, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(muon)(momentum, nesterov, gradient + i, m + i, n);
  });
}

void subtract_scaled(float factor, float* weight, const float* x, std::int64_t count) {
  in_pieces(count, [&](std::int64_t i, std::int64_t n) {
    HWY_DYNAMIC_DISPATCH(subtract)(factor, weight + i, x + i, n);
  });
}

}  // namespace keratin::kernels

#endif  // HWY_ONCE
