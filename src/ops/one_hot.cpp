#include <cstring>

#include "core/error.h"
#include "graph/op.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

template <class Index, class T>
void fill(const Index* indices, std::int64_t n, std::int64_t depth, T* out) {
  std::memset(out, 0, static_cast<std::size_t>(n * depth) * sizeof(T));
  for (std::int64_t i = 0; i < n; ++i) {
    const auto index = static_cast<std::int64_t>(indices[i]);
    if (index >= 0 && index < depth) out[i * depth + index] = T(1);
  }
}

class OneHotOp : public Op {
 public:
  OneHotOp(std::int64_t depth, DType dtype) : depth_(depth), dtype_(dtype) {}
  std::string_view name() const override { return "one_hot"; }
  bool differentiable() const override { return false; }

  bool by_row(const Node&) const override { return true; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    const DType d = in[0].dtype;
    require(!is_floating(d) && d != DType::kBool, "one_hot: expected integers, got ",
            keratin::name_of(d));
    require(depth_ >= 0, "one_hot: expected a depth of 0 or more, got ", depth_);
    Spec out{dtype_, in[0].shape};
    out.shape.push_back(depth_);
    return {out};
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    switch (in[0].dtype) {
      case DType::kInt32:
        return bind_index<std::int32_t>(in[0].shape);
      case DType::kInt64:
        return bind_index<std::int64_t>(in[0].shape);
      case DType::kInt8:
        return bind_index<std::int8_t>(in[0].shape);
      case DType::kUint8:
        return bind_index<std::uint8_t>(in[0].shape);
      default:
        return bind_index<std::uint32_t>(in[0].shape);
    }
  }

 private:
  template <class Index>
  Kernel bind_index(const Shape& shape) const {
    const std::int64_t n = element_count(shape), depth = depth_;
    const auto kernel = [=](auto type) -> Kernel {
      using T = decltype(type);
      return {[=](const Buffers& b) { fill(b.input<Index>(0), n, depth, b.output<T>(0)); }};
    };
    switch (dtype_) {
      case DType::kFloat32:
        return kernel(float{});
      case DType::kFloat64:
        return kernel(double{});
      case DType::kInt64:
        return kernel(std::int64_t{});
      case DType::kInt8:
      case DType::kUint8:
      case DType::kBool:
        return kernel(std::uint8_t{});
      default:
        return kernel(std::int32_t{});
    }
  }

  std::int64_t depth_;
  DType dtype_;
};

}  // namespace

Value one_hot(Value indices, std::int64_t depth, DType dtype) {
  return indices.graph().apply(std::make_shared<OneHotOp>(depth, dtype), {indices})[0];
}

}  // namespace keratin::ops
