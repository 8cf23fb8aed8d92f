#include "ops/scan.h"

#include "ops/along_axis.h"

namespace keratin::ops {
namespace {

class CumsumOp : public AlongAxisOp<CumsumOp> {
 public:
  CumsumOp(int axis, bool reverse) : AlongAxisOp(axis), reverse_(reverse) {}
  std::string_view name() const override { return reverse_ ? "reverse_cumsum" : "cumsum"; }
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return node.graph->apply(std::make_shared<CumsumOp>(axis_, !reverse_), {d_out[0]});
  }

  template <class T>
  Kernel bind_lines(const Lines& lines) const {
    return {[outer = lines.outer, n = lines.n, inner = lines.inner,
             reverse = reverse_](const Buffers& b) {
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

 private:
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
