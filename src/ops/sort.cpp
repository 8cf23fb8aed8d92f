#include "ops/sort.h"

#include <algorithm>

#include "core/error.h"
#include "graph/op.h"
#include "ops/gather.h"

namespace keratin::ops {
namespace {

class ArgsortOp : public Op {
 public:
  ArgsortOp(int axis, bool descending) : axis_(axis), descending_(descending) {}
  std::string_view name() const override { return "argsort"; }
  bool differentiable() const override { return false; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), "argsort: expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    return {{DType::kInt32, in[0].shape}};
  }
  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(in[0].shape)
                                          : bind_as<float>(in[0].shape);
  }

 private:
  template <class T>
  Kernel bind_as(const Shape& shape) const {
    const auto axis = std::size_t(axis_);
    const std::int64_t outer = product(shape, 0, axis), n = shape[axis];
    const std::int64_t inner = product(shape, axis + 1, shape.size());
    return {[=, descending = descending_](const Buffers& b) {
              auto* order = static_cast<std::int32_t*>(b.scratch);
              for (std::int64_t i = 0; i < outer * inner; ++i) {
                const std::int64_t from = i / inner * n * inner + i % inner;
                const T* x = b.input<T>(0) + from;
                const auto at = [&](std::int32_t k) { return x[k * inner]; };
                for (std::int64_t k = 0; k < n; ++k) order[k] = std::int32_t(k);
                // By place where equal: std::stable_sort would allocate.
                std::sort(order, order + n, [&](std::int32_t p, std::int32_t q) {
                  const T a = at(p), c = at(q);
                  if (a != a || c != c) return (a == a) != (c == c) ? a == a : p < q;
                  if (a != c) return descending ? a > c : a < c;
                  return p < q;
                });
                for (std::int64_t k = 0; k < n; ++k)
                  b.output<std::int32_t>(0)[from + k * inner] = order[k];
              }
            },
            std::size_t(n) * sizeof(std::int32_t)};
  }

  int axis_;
  bool descending_;
};

}  // namespace

Value argsort(Value x, int axis, bool descending) {
  axis = normalize_axis(axis, x.rank());
  return x.graph().apply(std::make_shared<ArgsortOp>(axis, descending), {x})[0];
}

Value sort(Value x, int axis, bool descending) {
  return take_along_axis(x, argsort(x, axis, descending), axis);
}

}  // namespace keratin::ops
