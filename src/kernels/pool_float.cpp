// Windows of float, for each instruction set.
#include <algorithm>

#include "kernels/pool.h"
#include "kernels/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

// Calls fn(tag, first channel) over n channels, a vector at a time, then one by one.
template <class Fn>
HWY_INLINE void for_vectors(std::int64_t n, const Fn& fn) {
  const D d;
  const auto lanes = std::int64_t(hn::Lanes(d));
  std::int64_t c = 0;
  for (; c + lanes <= n; c += lanes) fn(d, c);
  for (; c < n; ++c) fn(hn::CappedTag<float, 1>(), c);
}

// Windows of 2x2 by themselves: four places known beforehand.
HWY_INLINE bool is_square(const PoolBox& box) {
  return box.count[0] == 1 && box.count[1] == 2 && box.count[2] == 2;
}

template <class V1>
HWY_INLINE V1 larger(V1 a, V1 b) {
  return hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b);
}

void largest(const float* x, const PoolBox& box, float* y, std::int64_t n) {
  if (is_square(box)) {
    const float *a = x + box.begin, *b = a + box.step[2], *e = a + box.step[1],
                *f = e + box.step[2];
    return for_vectors(n, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto top = larger(hn::LoadU(d, b + c), hn::LoadU(d, a + c));
      const auto bottom = larger(hn::LoadU(d, f + c), hn::LoadU(d, e + c));
      hn::StoreU(larger(bottom, top), d, y + c);
    });
  }
  for_vectors(n, [&](auto d, std::int64_t c) HWY_ATTR {
    auto most = hn::LoadU(d, x + box.begin + c);
    box.each([&](std::int64_t at) HWY_ATTR { most = larger(hn::LoadU(d, x + at + c), most); });
    hn::StoreU(most, d, y + c);
  });
}

void mean(const float* x, const PoolBox& box, float scale, float* y, std::int64_t n) {
  for_vectors(n, [&](auto d, std::int64_t c) HWY_ATTR {
    auto sum = hn::Zero(d);
    box.each([&](std::int64_t at) HWY_ATTR { sum = hn::Add(sum, hn::LoadU(d, x + at + c)); });
    hn::StoreU(hn::Mul(sum, hn::Set(d, scale)), d, y + c);
  });
}

void largest_gradient(const float* x, const PoolBox& box, const float* y, const float* d_y,
                      float* d_x, std::int64_t n) {
  if (is_square(box)) {
    const std::int64_t places[4] = {box.begin, box.begin + box.step[2], box.begin + box.step[1],
                                    box.begin + box.step[1] + box.step[2]};
    return for_vectors(n, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto most = hn::LoadU(d, y + c);
      auto left = hn::LoadU(d, d_y + c);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const auto here = hn::Eq(hn::LoadU(d, x + places[i] + c), most);
        float* to = d_x + places[i] + c;
        hn::StoreU(hn::Add(hn::LoadU(d, to), hn::IfThenElseZero(here, left)), d, to);
        left = hn::IfThenZeroElse(here, left);
      }
    });
  }
  for_vectors(n, [&](auto d, std::int64_t c) HWY_ATTR {
    const auto most = hn::LoadU(d, y + c);
    auto left = hn::LoadU(d, d_y + c);
    box.each([&](std::int64_t at) HWY_ATTR {
      const auto here = hn::Eq(hn::LoadU(d, x + at + c), most);
      float* to = d_x + at + c;
      hn::StoreU(hn::Add(hn::LoadU(d, to), hn::IfThenElseZero(here, left)), d, to);
      left = hn::IfThenZeroElse(here, left);
    });
  });
}

void mean_gradient(const PoolBox& box, float scale, const float* d_y, float* d_x, std::int64_t n) {
  for_vectors(n, [&](auto d, std::int64_t c) HWY_ATTR {
    const auto part = hn::Mul(hn::LoadU(d, d_y + c), hn::Set(d, scale));
    box.each([&](std::int64_t at) HWY_ATTR {
      hn::StoreU(hn::Add(hn::LoadU(d, d_x + at + c), part), d, d_x + at + c);
    });
  });
}

}  // namespace

PoolFunctions<float> pool_functions_for_target() {
  return {largest, mean, largest_gradient, mean_gradient};
}

}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace keratin::kernels {
HWY_EXPORT(pool_functions_for_target);

const PoolFunctions<float>& float_pool_functions() {
  static const PoolFunctions<float> functions = HWY_DYNAMIC_DISPATCH(pool_functions_for_target)();
  return functions;
}

}  // namespace keratin::kernels
#endif
