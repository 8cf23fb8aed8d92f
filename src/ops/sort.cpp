#include "ops/sort.h"

#include <algorithm>

#include "ops/along_axis.h"
#include "ops/gather.h"

namespace keratin::ops {
namespace {

class ArgsortOp : public AlongAxisOp<ArgsortOp> {
 public:
  ArgsortOp(int axis, bool descending) : AlongAxisOp(axis), descending_(descending) {}
  std::string_view name() const override { return "argsort"; }
  bool differentiable() const override { return false; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    return {{DType::kInt32, AlongAxisOp::infer(in)[0].shape}};
  }

  template <class T>
  Kernel bind_lines(const Lines& lines) const {
    return {[lines, descending = descending_](const Buffers& b) {
              const std::int64_t n = lines.n, inner = lines.inner;
              auto* order = static_cast<std::int32_t*>(b.scratch);
              for (std::int64_t i = 0; i < lines.count(); ++i) {
                const std::int64_t from = lines.first(i);
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
            std::size_t(lines.n) * sizeof(std::int32_t)};
  }

 private:
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
