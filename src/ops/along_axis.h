// Ops that run along one axis of a row-major tensor, seen as [outer, n, inner]: lines of n elements
// that are `inner` apart.
#pragma once

#include "core/error.h"
#include "graph/op.h"

namespace keratin::ops {

struct Lines {
  std::int64_t outer, n, inner;
  std::int64_t count() const { return outer * inner; }
  // Where line i begins.
  std::int64_t first(std::int64_t i) const { return i / inner * n * inner + i % inner; }
};

// Of a float32 or float64 operand; the output is like it unless Derived infers another. Derived has
// `template <class T> Kernel bind_lines(const Lines&) const`.
template <class Derived>
class AlongAxisOp : public Op {
 public:
  explicit AlongAxisOp(int axis) : axis_(axis) {}

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    const auto rank = static_cast<int>(in[0].shape.size());
    require(axis_ >= -rank && axis_ < rank, name(), ": axis ", axis_, " is out of range for shape ",
            to_string(in[0].shape));
    return {in[0]};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const Shape& shape = in[0].shape;
    const auto axis = static_cast<std::size_t>(normalize_axis(axis_, shape.size()));
    const Lines lines{product(shape, 0, axis), shape[axis], product(shape, axis + 1, shape.size())};
    const auto& derived = static_cast<const Derived&>(*this);
    return in[0].dtype == DType::kFloat64 ? derived.template bind_lines<double>(lines)
                                          : derived.template bind_lines<float>(lines);
  }

 protected:
  int axis_;
};

}  // namespace keratin::ops
