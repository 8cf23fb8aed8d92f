// Elementwise functions of double: plain loops. Double is for checking gradients, not for speed.
#include "kernels/elementwise_functions.h"
#include "kernels/scalar_functions.h"

namespace keratin::kernels {
namespace {

template <double (*kFn)(double, double, double), int kArity>
void apply(const Elementwise::Slot* slots, const Elementwise::Step& step, void* out,
           std::size_t n) {
  const auto operand = [&](int k) { return slots[step.operands[k < kArity ? k : 0]]; };
  const Elementwise::Slot a = operand(0), b = operand(1), c = operand(2);
  for (std::size_t i = 0; i < n; ++i)
    static_cast<double*>(out)[i] = kFn(static_cast<const double*>(a.p)[i & a.mask],
                                       static_cast<const double*>(b.p)[i & b.mask],
                                       static_cast<const double*>(c.p)[i & c.mask]);
}

}  // namespace

const Elementwise::BlockFn* double_functions() {
  static constexpr Elementwise::BlockFn kFunctions[] = {
#define KERATIN_X(name, arity) apply<scalar::name<double>, arity>,
      KERATIN_ELEMENTWISE_FUNCTIONS(KERATIN_X)
#undef KERATIN_X
  };
  return kFunctions;
}

}  // namespace keratin::kernels
