// A loop over vectors of float, and what is left beside them.
// Included once for each instruction set.
#if defined(KERATIN_KERNELS_EACH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KERATIN_KERNELS_EACH_INL_H_
#undef KERATIN_KERNELS_EACH_INL_H_
#else
#define KERATIN_KERNELS_EACH_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace keratin::kernels::HWY_NAMESPACE {
namespace {  // NOLINT(google-build-namespaces): compiled once for each instruction set
namespace hn = hwy::HWY_NAMESPACE;

// Calls step(d, i) for vectors of elements i ..., then for what is left one by one: by the same
// operations, so that the cut does not show in the bits.
template <class Step>
HWY_INLINE void each(std::int64_t count, const Step& step) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) step(d, i);
  for (; i < count; ++i) step(one, i);
}

}  // namespace
}  // namespace keratin::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
