#include "core/error.h"
#include "core/threads.h"
#include "graph/op.h"
#include "ops/reduce.h"

namespace keratin::ops {
namespace {

// The first largest of n elements a stride apart; the first not-a-number if there is one.
template <class T>
std::int32_t index_of_largest(const T* x, std::int64_t n, std::int64_t stride) {
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < n && !(x[best * stride] != x[best * stride]); ++i)
    if (!(x[i * stride] <= x[best * stride])) best = i;
  return static_cast<std::int32_t>(best);
}

class ArgmaxOp : public Op {
 public:
  explicit ArgmaxOp(int axis) : axis_(axis) {}
  std::string_view name() const override { return "argmax"; }
  bool differentiable() const override { return false; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), "argmax: expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    const int axis = normalize_axis(axis_, in[0].shape.size());
    Shape shape = in[0].shape;
    require(shape[static_cast<std::size_t>(axis)] != 0, "argmax: axis ", axis_, " of shape ",
            to_string(shape), " is empty");
    shape.erase(shape.begin() + axis);
    return {{DType::kInt32, std::move(shape)}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, in[0].shape.size()));
    const Shape& shape = in[0].shape;
    const std::int64_t outer = product(shape, 0, axis), n = shape[axis];
    const std::int64_t inner = product(shape, axis + 1, shape.size());
    const auto kernel = [=](auto type) -> Kernel {
      return {[=](const Buffers& b) {
        const auto* x = b.input<decltype(type)>(0);
        for (std::int64_t i = 0; i < outer * inner; ++i)
          b.output<std::int32_t>(0)[i] =
              index_of_largest(x + i / inner * n * inner + i % inner, n, inner);
      }};
    };
    return in[0].dtype == DType::kFloat64 ? kernel(double{}) : kernel(float{});
  }

 private:
  int axis_;
};

}  // namespace

Value argmax(Value x, int axis) {
  return x.graph().apply(std::make_shared<ArgmaxOp>(axis), {x})[0];
}

}  // namespace keratin::ops
