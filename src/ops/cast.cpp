// Conversion between dtypes.
#include <limits>
#include <type_traits>

#include "core/error.h"
#include "graph/op.h"
#include "ops/elementwise.h"

namespace keratin::ops {
namespace {

// Calls f with a null pointer to the dtype's type.
template <class F>
auto visit(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kFloat32:
      return f(static_cast<float*>(nullptr));
    case DType::kFloat64:
      return f(static_cast<double*>(nullptr));
    case DType::kInt32:
      return f(static_cast<std::int32_t*>(nullptr));
    case DType::kInt64:
      return f(static_cast<std::int64_t*>(nullptr));
    case DType::kInt8:
      return f(static_cast<std::int8_t*>(nullptr));
    case DType::kUint8:
      return f(static_cast<std::uint8_t*>(nullptr));
    case DType::kUint32:
      return f(static_cast<std::uint32_t*>(nullptr));
    case DType::kBool:
    case DType::kString:  // refused by infer
      break;
  }
  return f(static_cast<bool*>(nullptr));
}

// Floating numbers become integers towards zero; what does not fit, the nearest that does;
// not-a-number 0.
template <class To, class From>
To convert(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr From kLimit = static_cast<From>(std::numeric_limits<To>::max());  // may round up
    if (x != x) return 0;
    if (x >= kLimit) return std::numeric_limits<To>::max();
    if (x <= static_cast<From>(std::numeric_limits<To>::min()))
      return std::numeric_limits<To>::min();
    return static_cast<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

using ConvertFn = void (*)(const void* from, void* to, std::int64_t n);

ConvertFn converter(DType from, DType to) {
  return visit(from, [to](auto* f) {
    return visit(to, [](auto* t) -> ConvertFn {
      using From = std::remove_pointer_t<decltype(f)>;
      using To = std::remove_pointer_t<decltype(t)>;
      return [](const void* in, void* out, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i)
          static_cast<To*>(out)[i] = convert<To>(static_cast<const From*>(in)[i]);
      };
    });
  });
}

class CastOp : public Op {
 public:
  explicit CastOp(DType dtype) : dtype_(dtype) {}
  std::string_view name() const override { return "cast"; }
  bool by_row(const Node&) const override { return true; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(in[0].dtype != DType::kString && dtype_ != DType::kString, "cast: expected ",
            keratin::name_of(dtype_), ", got ", keratin::name_of(in[0].dtype));
    return {{dtype_, in[0].shape}};
  }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const DType from = node.inputs[0].dtype();
    if (!is_floating(from) || !is_floating(dtype_)) return {Value{}};
    return {cast(d_out[0], from)};
  }
  bool differentiable() const override { return is_floating(dtype_); }
  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const std::int64_t n = element_count(out[0].shape);
    return {
        [n, fn = converter(in[0].dtype, dtype_)](const Buffers& b) { fn(b.in[0], b.out[0], n); }};
  }

 private:
  DType dtype_;
};

}  // namespace

Value cast(Value x, DType dtype) {
  if (x.dtype() == dtype) return x;
  return x.graph().apply(std::make_shared<CastOp>(dtype), {x})[0];
}

}  // namespace keratin::ops
