#include "kernels/softmax.h"
#include "ops/along_axis.h"
#include "ops/softmax.h"

namespace keratin::ops {
namespace {

// Along an axis, on the one input or, for the gradient, on input and d(loss)/d(output): each line
// is brought together in scratch memory, done there, and put back.
class SparsemaxOp : public AlongAxisOp<SparsemaxOp> {
 public:
  SparsemaxOp(int axis, bool is_gradient) : AlongAxisOp(axis), is_gradient_(is_gradient) {}

  std::string_view name() const override {
    return is_gradient_ ? "sparsemax_gradient" : "sparsemax";
  }
  bool differentiable() const override { return !is_gradient_; }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return {d_out[0].graph().apply(std::make_shared<SparsemaxOp>(axis_, true),
                                   {node.inputs[0], d_out[0]})[0]};
  }

  template <class T>
  Kernel bind_lines(const Lines& lines) const {
    return {[lines, is_gradient = is_gradient_](const Buffers& b) {
              const std::int64_t n = lines.n, inner = lines.inner;
              T* x = static_cast<T*>(b.scratch);
              T *d = x + n, *out = x + 2 * n, *sorted = x + 3 * n;
              for (std::int64_t i = 0; i < lines.count(); ++i) {
                const std::int64_t first = lines.first(i);
                for (std::int64_t k = 0; k < n; ++k) {
                  x[k] = b.input<T>(0)[first + k * inner];
                  if (is_gradient) d[k] = b.input<T>(1)[first + k * inner];
                }
                if (is_gradient)
                  kernels::sparsemax_gradient(x, d, n, out, sorted);
                else
                  kernels::sparsemax(x, n, out, sorted);
                for (std::int64_t k = 0; k < n; ++k) b.output<T>(0)[first + k * inner] = out[k];
              }
            },
            static_cast<std::size_t>(4 * lines.n) * sizeof(T)};
  }

 private:
  bool is_gradient_;
};

}  // namespace

Value sparsemax(Value x, int axis) {
  return x.graph().apply(std::make_shared<SparsemaxOp>(axis, false), {x})[0];
}

}  // namespace keratin::ops
