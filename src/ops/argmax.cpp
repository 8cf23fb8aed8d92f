#include "ops/along_axis.h"
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

class ArgmaxOp : public AlongAxisOp<ArgmaxOp> {
 public:
  explicit ArgmaxOp(int axis) : AlongAxisOp(axis) {}
  std::string_view name() const override { return "argmax"; }
  bool differentiable() const override { return false; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    Shape shape = AlongAxisOp::infer(in)[0].shape;
    const int axis = normalize_axis(axis_, shape.size());
    require(shape[static_cast<std::size_t>(axis)] != 0, "argmax: axis ", axis_, " of shape ",
            to_string(shape), " is empty");
    shape.erase(shape.begin() + axis);
    return {{DType::kInt32, std::move(shape)}};
  }

  template <class T>
  Kernel bind_lines(const Lines& lines) const {
    return {[lines](const Buffers& b) {
      for (std::int64_t i = 0; i < lines.count(); ++i)
        b.output<std::int32_t>(0)[i] =
            index_of_largest(b.input<T>(0) + lines.first(i), lines.n, lines.inner);
    }};
  }
};

}  // namespace

Value argmax(Value x, int axis) {
  return x.graph().apply(std::make_shared<ArgmaxOp>(axis), {x})[0];
}

}  // namespace keratin::ops
