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
    require(is_floating(in[0].dtype) && in[0].shape.size() == 2,
            "unique: expected float32 or float64 (rows, n), got ", keratin::name_of(in[0].dtype),
            " ", to_string(in[0].shape));
    return {{DType::kInt32, {size_}}, {DType::kInt32, {in[0].shape[0]}}, {DType::kInt32, {size_}}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    require(in[0].shape[0] > 0, "unique: there are no elements");
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(in[0].shape)
                                          : bind_as<float>(in[0].shape);
  }

 private:
  template <class T>
  Kernel bind_as(const Shape& shape) const {
    const std::int64_t rows = shape[0], n = shape[1];
    return {[rows, n, size = size_](const Buffers& b) {
              const T* x = b.input<T>(0);
              auto *order = static_cast<std::int32_t*>(b.scratch),
                   *first = b.output<std::int32_t>(0);
              auto *number = b.output<std::int32_t>(1), *times = b.output<std::int32_t>(2);
              std::iota(order, order + rows, 0);
              std::sort(order, order + rows, [x, n](std::int32_t i, std::int32_t k) {
                for (std::int64_t c = 0; c < n; ++c) {
                  const T p = x[i * n + c], q = x[k * n + c];
                  const bool no_p = std::isnan(p), no_q = std::isnan(q);
                  if (no_p != no_q) return no_q;
                  if (!no_p && p != q) return p < q;
                }
                return i < k;
              });
              std::fill_n(first, size, order[0]);
              std::fill_n(times, size, 0);
              std::int64_t k = -1;
              for (std::int64_t i = 0; i < rows; ++i) {
                const T* row = x + order[i] * n;
                if (i == 0 || !std::equal(row, row + n, x + order[i - 1] * n))
                  if (++k < size) first[k] = order[i];
                number[order[i]] = std::int32_t(k);
                if (k < size) ++times[k];
              }
            },
            std::size_t(rows) * sizeof(std::int32_t)};
  }

  std::int64_t size_;
};

}  // namespace

std::vector<Value> unique(Value x, std::int64_t size) {
  require(size >= 1, "size: expected 1 or more, got ", size);
  return x.graph().apply(std::make_shared<UniqueOp>(size), {x});
}

}  // namespace keratin::ops
