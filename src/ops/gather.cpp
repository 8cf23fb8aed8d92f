#include "ops/gather.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "core/error.h"
#include "core/threads.h"
#include "graph/op.h"
#include "graph/rows.h"
#include "ops/elementwise.h"

namespace keratin::ops {
namespace {

std::int64_t place(std::int64_t index, std::int64_t n) { return index < 0 ? index + n : index; }
bool is_place(std::int64_t at, std::int64_t n) { return at >= 0 && at < n; }

constexpr std::int64_t kPiece = 16 * 1024;  // elements worth giving to a thread

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
  // `outside`: what stands beyond the ends, of floating dtypes.
  GatherOp(int axis, bool each, double outside) : axis_(axis), each_(each), outside_(outside) {}
  std::string_view name() const override { return each_ ? "take_along_axis" : "take"; }

  bool by_row(const Node& node) const override {
    const bool x = has_rows(node.inputs[0]), indices = has_rows(node.inputs[1]);
    if (each_) return axis_ != 0 && x && indices;
    return axis_ == 0 ? !x : !indices;
  }
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
    if (in[0].dtype == DType::kFloat32) return bind_as<float>(l);
    if (in[0].dtype == DType::kFloat64) return bind_as<double>(l);
    if (size_of(in[0].dtype) == 1) return bind_as<std::uint8_t>(l);
    if (in[0].dtype == DType::kString) return bind_as<String>(l);
    return size_of(in[0].dtype) == 8 ? bind_as<std::int64_t>(l) : bind_as<std::int32_t>(l);
  }

 protected:
  std::size_t axis() const { return std::size_t(axis_); }
  Layout layout(const Shape& x, const Shape& indices) const {
    return {product(x, 0, axis()), x[axis()], each_ ? indices[axis()] : element_count(indices),
            product(x, axis() + 1, x.size()), each_};
  }
  int axis_;
  bool each_;
  double outside_;

 private:
  template <class T>
  Kernel bind_as(const Layout& l) const {
    const std::int64_t run = l.each ? 1 : l.inner;  // elements that one index picks
    const std::int64_t runs = l.m * (l.inner / std::max<std::int64_t>(run, 1));  // of an outer one
    const std::int64_t piece = std::max<std::int64_t>(1, kPiece / std::max<std::int64_t>(run, 1));
    const double outside = outside_;
    return {[=](const Buffers& b) {
      const std::int64_t all = l.outer * runs;
      const auto* indices = b.input<std::int32_t>(1);
      parallel_for((all + piece - 1) / piece, [=](std::int64_t part) {
        for (std::int64_t r = part * piece; r < std::min(all, (part + 1) * piece); ++r) {
          const std::int64_t o = r / runs, k = l.each ? r % runs / l.inner : r % runs;
          const std::int64_t i = l.each ? r % l.inner : 0;
          std::int64_t from = place(l.index(indices, o, k, i), l.n);
          T* y = b.output<T>(0) + r * run;
          if (!is_place(from, l.n)) {
            if constexpr (std::is_floating_point_v<T>) {
              std::fill_n(y, run, T(outside));
              continue;
            }
            from = std::clamp<std::int64_t>(from, 0, l.n - 1);
          }
          std::copy_n(b.input<T>(0) + (o * l.n + from) * l.inner + i, run, y);
        }
      });
    }};
  }
};

// Inputs: what was picked, the indices, like.
class AddTakenOp : public GatherOp {
 public:
  using GatherOp::GatherOp;
  bool by_row(const Node&) const override { return false; }
  std::string_view name() const override { return each_ ? "add_taken_along_axis" : "add_taken"; }
  bool shape_only(int input) const override { return input == 2; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    return {{in[0].dtype, in[2].shape}};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value d = d_out[0];
    return {d.graph().apply(std::make_shared<GatherOp>(axis_, each_, 0.0), {d, node.inputs[1]})[0],
            Value{}, Value{}};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec> out) const override {
    const Layout l = layout(out[0].shape, in[1].shape);
    if (element_count(out[0].shape) == 0) return {[](const Buffers&) {}};
    return in[0].dtype == DType::kFloat64 ? bind_as<double>(l) : bind_as<float>(l);
  }

 private:
  // Each piece owns a range of the places and looks through all indices for them, so that what
  // comes to one place is added in the order of the indices, whoever does it.
  template <class T>
  static Kernel bind_as(const Layout& l) {
    const std::int64_t work = (l.n + l.m) * l.inner;
    const std::int64_t ranges =
        std::clamp<std::int64_t>(work / kPiece, 1, std::min<std::int64_t>(l.n, 8));
    return {[=](const Buffers& b) {
      const auto* indices = b.input<std::int32_t>(1);
      parallel_for(l.outer * ranges, [=](std::int64_t piece) {
        const std::int64_t o = piece / ranges, range = piece % ranges;
        const std::int64_t begin = l.n * range / ranges, end = l.n * (range + 1) / ranges;
        T* sum = b.output<T>(0) + o * l.n * l.inner;
        const T* d = b.input<T>(0) + o * l.m * l.inner;
        std::fill(sum + begin * l.inner, sum + end * l.inner, T(0));
        for (std::int64_t k = 0; k < l.m; ++k, d += l.inner) {
          if (l.each) {
            for (std::int64_t i = 0; i < l.inner; ++i) {
              const std::int64_t to = place(l.index(indices, o, k, i), l.n);
              if (to >= begin && to < end) sum[to * l.inner + i] += d[i];
            }
            continue;
          }
          const std::int64_t to = place(indices[k], l.n);
          if (to < begin || to >= end) continue;
          T* row = sum + to * l.inner;
          for (std::int64_t i = 0; i < l.inner; ++i) row[i] += d[i];
        }
      });
    }};
  }
};

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class O>
Value apply(std::vector<Value> inputs, Value x, int axis, bool each, double outside = kNaN) {
  require(x.rank() > 0, "expected at least one axis");
  axis = normalize_axis(axis, x.rank());
  return x.graph().apply(std::make_shared<O>(axis, each, outside), std::move(inputs))[0];
}

}  // namespace

Value take(Value x, Value indices, int axis) {
  return apply<GatherOp>({x, cast(indices, DType::kInt32)}, x, axis, false);
}
Value take_along_axis(Value x, Value indices, int axis) {
  return apply<GatherOp>({x, cast(indices, DType::kInt32)}, x, axis, true);
}
Value take_or_zero(Value x, Value indices, int axis) {
  return apply<GatherOp>({x, cast(indices, DType::kInt32)}, x, axis, false, 0.0);
}
Value add_taken(Value taken, Value indices, Value like, int axis) {
  return apply<AddTakenOp>({taken, indices, like}, like, axis, false);
}
Value add_taken_along_axis(Value taken, Value indices, Value like, int axis) {
  return apply<AddTakenOp>({taken, indices, like}, like, axis, true);
}

}  // namespace keratin::ops
