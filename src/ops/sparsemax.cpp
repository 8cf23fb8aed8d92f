#include "core/error.h"
#include "graph/op.h"
#include "kernels/softmax.h"
#include "ops/softmax.h"

namespace keratin::ops {
namespace {

// Along an axis, on the one input or, for the gradient, on input and d(loss)/d(output): each line
// is brought together in scratch memory, done there, and put back.
class SparsemaxOp : public Op {
 public:
  SparsemaxOp(int axis, bool is_gradient) : axis_(axis), is_gradient_(is_gradient) {}

  std::string_view name() const override {
    return is_gradient_ ? "sparsemax_gradient" : "sparsemax";
  }
  bool differentiable() const override { return !is_gradient_; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), "sparsemax: expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    normalize_axis(axis_, in[0].shape.size());
    return {in[0]};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    return {d_out[0].graph().apply(std::make_shared<SparsemaxOp>(axis_, true),
                                   {node.inputs[0], d_out[0]})[0]};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(in[0].shape)
                                          : bind_as<float>(in[0].shape);
  }

 private:
  template <class T>
  Kernel bind_as(const Shape& shape) const {
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, shape.size()));
    const std::int64_t n = shape[axis], inner = product(shape, axis + 1, shape.size());
    const std::int64_t lines = product(shape, 0, axis) * inner;
    return {[=, is_gradient = is_gradient_](const Buffers& b) {
              T* x = static_cast<T*>(b.scratch);
              T *d = x + n, *out = x + 2 * n, *sorted = x + 3 * n;
              for (std::int64_t i = 0; i < lines; ++i) {
                const std::int64_t first = i / inner * n * inner + i % inner;
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
            static_cast<std::size_t>(4 * n) * sizeof(T)};
  }

  int axis_;
  bool is_gradient_;
};

}  // namespace

Value sparsemax(Value x, int axis) {
  return x.graph().apply(std::make_shared<SparsemaxOp>(axis, false), {x})[0];
}

}  // namespace keratin::ops
