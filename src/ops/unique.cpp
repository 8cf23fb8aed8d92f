#include "ops/unique.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "graph/op.h"

namespace keratin::ops {
namespace {

class UniqueOp : public Op {
 public:
  explicit UniqueOp(std::int64_t size) : size_(size) {}
  std::string_view name() const override { return "unique"; }
  bool differentiable() const override { return false; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), "unique: expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    return {{DType::kInt32, {size_}}, {DType::kInt32, in[0].shape}, {DType::kInt32, {size_}}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const std::int64_t n = element_count(in[0].shape);
    require(n > 0, "unique: there are no elements");
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(n) : bind_as<float>(n);
  }

 private:
  template <class T>
  Kernel bind_as(std::int64_t n) const {
    return {[n, size = size_](const Buffers& b) {
              const T* x = b.input<T>(0);
              auto *order = static_cast<std::int32_t*>(b.scratch),
                   *first = b.output<std::int32_t>(0);
              auto *number = b.output<std::int32_t>(1), *times = b.output<std::int32_t>(2);
              std::iota(order, order + n, 0);
              std::sort(order, order + n, [x](std::int32_t i, std::int32_t k) {
                const T a = x[i], c = x[k];
                const bool no_a = std::isnan(a), no_c = std::isnan(c);
                if (no_a != no_c) return no_c;
                return no_a || a == c ? i < k : a < c;
              });
              std::fill_n(first, size, order[0]);
              std::fill_n(times, size, 0);
              std::int64_t k = -1;
              for (std::int64_t i = 0; i < n; ++i) {
                if (i == 0 || x[order[i]] != x[order[i - 1]])
                  if (++k < size) first[k] = order[i];
                number[order[i]] = std::int32_t(k);
                if (k < size) ++times[k];
              }
            },
            std::size_t(n) * sizeof(std::int32_t)};
  }

  std::int64_t size_;
};

}  // namespace

std::vector<Value> unique(Value x, std::int64_t size) {
  require(size >= 1, "size: expected 1 or more, got ", size);
  return x.graph().apply(std::make_shared<UniqueOp>(size), {x});
}

}  // namespace keratin::ops
