#include "ops/gather.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "graph/op.h"
#include "ops/elementwise.h"

namespace keratin::ops {
namespace {

std::int64_t place(std::int32_t index, std::int64_t n) {
  return std::clamp<std::int64_t>(index < 0 ? index + n : index, 0, n - 1);
}

// Both forms see x as [outer, n, inner] and pick [outer, m, inner]: `each`, an index for each
// element that is picked; else one for each of the m.
struct Layout {
  std::int64_t outer, n, m, inner;
  bool each;
  std::int32_t index(const std::int32_t* indices, std::int64_t o, std::int64_t k,
                     std::int64_t i) const {
    return indices[each ? (o * m + k) * inner + i : k];
  }
};

class GatherOp : public Op {
 public:
  GatherOp(int axis, bool each) : axis_(axis), each_(each) {}
  std::string_view name() const override { return each_ ? "take_along_axis" : "take"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const Shape &x = in[0].shape, &indices = in[1].shape;
    require(in[1].dtype == DType::kInt32, name(), ": expected int32 indices, got ",
            keratin::name_of(in[1].dtype));
    require(x[axis()] != 0, name(), ": nothing to pick from in ", to_string(x));
    Spec out = in[0];
    if (each_) {
      Shape rest = x;
      rest[axis()] = indices.size() == x.size() ? indices[axis()] : 0;
      require(compatible(rest, indices), name(), ": indices of shape ", to_string(indices),
              " do not fit ", to_string(x));
      out.shape = rest;
      return {out};
    }
    out.shape.erase(out.shape.begin() + axis_);
    out.shape.insert(out.shape.begin() + axis_, indices.begin(), indices.end());
    return {out};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value x = node.inputs[0], indices = node.inputs[1];
    return {each_ ? add_taken_along_axis(d_out[0], indices, x, axis_)
                  : add_taken(d_out[0], indices, x, axis_),
            Value{}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const Layout l = layout(in[0].shape, in[1].shape);
    const std::size_t element = size_of(in[0].dtype);
    const std::int64_t run = l.each ? 1 : l.inner;  // elements that one index picks
    return {[=](const Buffers& b) {
      const auto* x = static_cast<const char*>(b.in[0]);
      auto* y = static_cast<char*>(b.out[0]);
      const std::size_t bytes = std::size_t(run) * element;
      for (std::int64_t o = 0; o < l.outer; ++o)
        for (std::int64_t k = 0; k < l.m; ++k)
          for (std::int64_t i = 0; i < l.inner; i += run, y += bytes) {
            const std::int64_t from = place(l.index(b.input<std::int32_t>(1), o, k, i), l.n);
            std::memcpy(y, x + std::size_t((o * l.n + from) * l.inner + i) * element, bytes);
          }
    }};
  }

 protected:
  std::size_t axis() const { return std::size_t(axis_); }
  Layout layout(const Shape& x, const Shape& indices) const {
    return {product(x, 0, axis()), x[axis()], each_ ? indices[axis()] : element_count(indices),
            product(x, axis() + 1, x.size()), each_};
  }
  int axis_;
  bool each_;
};

// Inputs: what was picked, the indices, like.
class AddTakenOp : public GatherOp {
 public:
  using GatherOp::GatherOp;
  std::string_view name() const override { return each_ ? "add_taken_along_axis" : "add_taken"; }
  bool shape_only(int input) const override { return input == 2; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    return {{in[0].dtype, in[2].shape}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value indices = node.inputs[1];
    return {each_ ? take_along_axis(d_out[0], indices, axis_) : take(d_out[0], indices, axis_),
            Value{}, Value{}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const Layout l = layout(out[0].shape, in[1].shape);
    const std::int64_t all = element_count(out[0].shape);
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(l, all) : bind_as<float>(l, all);
  }

 private:
  template <class T>
  static Kernel bind_as(const Layout& l, std::int64_t all) {
    return {[=](const Buffers& b) {
      const T* d = b.input<T>(0);
      T* sum = b.output<T>(0);
      std::fill_n(sum, all, T(0));
      for (std::int64_t o = 0; o < l.outer; ++o)
        for (std::int64_t k = 0; k < l.m; ++k)
          for (std::int64_t i = 0; i < l.inner; ++i, ++d) {
            const std::int64_t to = place(l.index(b.input<std::int32_t>(1), o, k, i), l.n);
            sum[(o * l.n + to) * l.inner + i] += *d;
          }
    }};
  }
};

template <class O>
Value apply(std::vector<Value> inputs, Value x, int axis, bool each) {
  require(x.rank() > 0, "expected at least one axis");
  axis = normalize_axis(axis, x.rank());
  return x.graph().apply(std::make_shared<O>(axis, each), std::move(inputs))[0];
}

}  // namespace

Value take(Value x, Value indices, int axis) {
  return apply<GatherOp>({x, cast(indices, DType::kInt32)}, x, axis, false);
}
Value take_along_axis(Value x, Value indices, int axis) {
  return apply<GatherOp>({x, cast(indices, DType::kInt32)}, x, axis, true);
}
Value add_taken(Value taken, Value indices, Value like, int axis) {
  return apply<AddTakenOp>({taken, indices, like}, like, axis, false);
}
Value add_taken_along_axis(Value taken, Value indices, Value like, int axis) {
  return apply<AddTakenOp>({taken, indices, like}, like, axis, true);
}

}  // namespace keratin::ops
