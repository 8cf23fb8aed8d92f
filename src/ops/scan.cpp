#include "ops/scan.h"

#include "core/error.h"
#include "graph/op.h"

namespace keratin::ops {
namespace {

class CumsumOp : public Op {
 public:
  CumsumOp(int axis, bool reverse) : axis_(axis), reverse_(reverse) {}
  std::string_view name() const override { return reverse_ ? "reverse_cumsum" : "cumsum"; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    return {in[0]};
  }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return node.graph->apply(std::make_shared<CumsumOp>(axis_, !reverse_), {d_out[0]});
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
    return {[=, reverse = reverse_](const Buffers& b) {
      const T* x = b.input<T>(0);
      T* y = b.output<T>(0);
      for (std::int64_t o = 0; o < outer; ++o, x += n * inner, y += n * inner)
        for (std::int64_t k = 0; k < n; ++k) {
          const std::int64_t at = (reverse ? n - 1 - k : k) * inner;
          const std::int64_t before = reverse ? at + inner : at - inner;
          for (std::int64_t i = 0; i < inner; ++i)
            y[at + i] = k == 0 ? x[at + i] : y[before + i] + x[at + i];
        }
    }};
  }

  int axis_;
  bool reverse_;
};

Value scan(Value x, int axis, bool reverse) {
  axis = normalize_axis(axis, x.rank());
  return x.graph().apply(std::make_shared<CumsumOp>(axis, reverse), {x})[0];
}

}  // namespace

Value cumsum(Value x, int axis) { return scan(x, axis, false); }
Value reverse_cumsum(Value x, int axis) { return scan(x, axis, true); }

}  // namespace keratin::ops
