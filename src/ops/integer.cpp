#include "ops/integer.h"

#include <numeric>

#include "core/error.h"
#include "graph/op.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin::ops {
namespace {

std::int64_t apply(IntegerFn fn, std::int64_t a, std::int64_t b) {
  const bool shifts = b >= 0 && b < 63;
  switch (fn) {
    case IntegerFn::kAnd:
      return a & b;
    case IntegerFn::kOr:
      return a | b;
    case IntegerFn::kXor:
      return a ^ b;
    case IntegerFn::kLeftShift:
      return shifts ? std::int64_t(std::uint64_t(a) << b) : 0;
    case IntegerFn::kRightShift:
      return shifts ? a >> b : a < 0 ? -1 : 0;
    case IntegerFn::kGcd:
      return std::gcd(a, b);
    case IntegerFn::kLcm:
      return a == 0 || b == 0 ? 0 : std::abs(a) / std::gcd(a, b) * std::abs(b);
  }
  return 0;
}

// Of int64 operands of one shape.
class IntegerOp : public Op {
 public:
  explicit IntegerOp(IntegerFn fn) : fn_(fn) {}
  std::string_view name() const override { return "integer_function"; }
  bool differentiable() const override { return false; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    for (const Spec& spec : in)
      require(spec.dtype == DType::kInt64 && compatible(spec.shape, in[0].shape),
              "integer_function: expected int64 of one shape");
    return {in[0]};
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return {[fn = fn_, n = element_count(in[0].shape)](const Buffers& b) {
      const auto *x = b.input<std::int64_t>(0), *y = b.input<std::int64_t>(1);
      for (std::int64_t i = 0; i < n; ++i) b.output<std::int64_t>(0)[i] = apply(fn, x[i], y[i]);
    }};
  }

 private:
  IntegerFn fn_;
};

}  // namespace

Value integer_function(IntegerFn fn, Value a, Value b) {
  require(a.dtype() == b.dtype() && !is_floating(a.dtype()), "expected integers of one dtype, got ",
          keratin::name_of(a.dtype()), " and ", keratin::name_of(b.dtype()));
  const auto spread = [](Value x, Value like) {
    if (x.shape() == like.shape()) return cast(x, DType::kInt64);
    const Value wide = cast(x, DType::kFloat64), other = cast(like, DType::kFloat64);
    return cast(wide + 0.0 * other, DType::kInt64);
  };
  const Value x = spread(a, b), y = spread(b, a);
  return cast(a.graph().apply(std::make_shared<IntegerOp>(fn), {x, y})[0], a.dtype());
}

}  // namespace keratin::ops
