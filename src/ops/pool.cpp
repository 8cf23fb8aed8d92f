#include "ops/pool.h"

#include <algorithm>

#include "core/error.h"
#include "graph/op.h"

namespace keratin::ops {
namespace {

using kernels::Pooling;
using kernels::PoolShape;
using kernels::PoolWindow;

// Windows are known, the batch is not.
struct Pool {
  PoolShape shape;
  Pooling kind;
  std::size_t axes;

  Spec y(const Spec& x) const {
    Spec spec{x.dtype, {x.shape[0]}};
    for (std::size_t i = 3 - axes; i < 3; ++i)
      spec.shape.push_back(std::int64_t(shape.windows[i].size()));
    spec.shape.push_back(shape.channels);
    return spec;
  }
  PoolShape with_batch(std::int64_t batch) const {
    PoolShape s = shape;
    s.batch = batch;
    return s;
  }
};

// (x, y, d_y) -> d_x; the mean needs the shapes of x and y alone.
class PoolGradientOp : public Op {
 public:
  explicit PoolGradientOp(Pool pool) : pool_(std::move(pool)) {}
  std::string_view name() const override { return "pool_gradient"; }
  std::vector<Spec> infer(std::span<const Spec> in) const override { return {in[0]}; }
  bool differentiable() const override { return false; }
  bool shape_only(int input) const override { return pool_.kind == Pooling::kMean && input < 2; }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    auto shape = std::make_shared<const PoolShape>(pool_.with_batch(in[0].shape[0]));
    if (in[0].dtype == DType::kFloat64) return bind_as<double>(std::move(shape));
    return bind_as<float>(std::move(shape));
  }

 private:
  template <class T>
  Kernel bind_as(std::shared_ptr<const PoolShape> shape) const {
    return {[shape, kind = pool_.kind](const Buffers& b) {
      kernels::pool_gradient(*shape, kind, b.input<T>(0), b.input<T>(1), b.input<T>(2),
                             b.output<T>(0));
    }};
  }
  Pool pool_;
};

class PoolOp : public Op {
 public:
  explicit PoolOp(Pool pool) : pool_(std::move(pool)) {}
  std::string_view name() const override {
    return pool_.kind == Pooling::kMax ? "max_pool" : "average_pool";
  }

  bool by_row(const Node&) const override { return true; }
  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), name(), ": expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    return {pool_.y(in[0])};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value y{const_cast<Node*>(&node), 0};
    return node.graph->apply(std::make_shared<PoolGradientOp>(pool_),
                             {node.inputs[0], y, d_out[0]});
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    auto shape = std::make_shared<const PoolShape>(pool_.with_batch(in[0].shape[0]));
    if (in[0].dtype == DType::kFloat64) return bind_as<double>(std::move(shape));
    return bind_as<float>(std::move(shape));
  }

 private:
  template <class T>
  Kernel bind_as(std::shared_ptr<const PoolShape> shape) const {
    return {[shape, kind = pool_.kind](const Buffers& b) {
      kernels::pool(*shape, kind, b.input<T>(0), b.output<T>(0));
    }};
  }
  Pool pool_;
};

// `windows_of(axis, extent)` gives the windows along an axis of x.
template <class WindowsOf>
Value apply(Value x, Pooling kind, std::size_t axes, const WindowsOf& windows_of) {
  require(axes >= 1 && axes <= 3 && x.rank() == axes + 2, "pooling: expected an input of rank ",
          axes + 2, ", got shape ", to_string(x.shape()));
  Pool pool{{}, kind, axes};
  pool.shape.channels = x.shape().back();
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t extent = x.shape()[i + 1];
    require(extent > 0, "pooling: axis ", i + 1, " of the input ", to_string(x.shape()),
            " must be known and not empty");
    pool.shape.in[3 - axes + i] = extent;
    pool.shape.windows[3 - axes + i] = windows_of(i, extent);
  }
  require(pool.shape.channels != kUnknown, "pooling: the number of channels must be known");
  return x.graph().apply(std::make_shared<PoolOp>(std::move(pool)), {x})[0];
}

Value fixed(Value x, Pooling kind, const std::vector<std::int64_t>& size,
            const std::vector<std::int64_t>& strides, Padding padding) {
  require(size.size() == strides.size(), "pooling: ", size.size(), " window sizes, ",
          strides.size(), " strides");
  return apply(x, kind, size.size(), [&](std::size_t axis, std::int64_t extent) {
    const Window w = window(extent, size[axis], strides[axis], 1, padding);
    std::vector<PoolWindow> windows;
    for (std::int64_t i = 0; i < w.out; ++i) {
      const std::int64_t begin = i * strides[axis] - w.before;
      windows.push_back({std::max<std::int64_t>(0, begin), std::min(begin + size[axis], extent)});
    }
    return windows;
  });
}

Value adaptive(Value x, Pooling kind, const std::vector<std::int64_t>& output) {
  return apply(x, kind, output.size(), [&](std::size_t axis, std::int64_t extent) {
    const std::int64_t count = output[axis];
    std::vector<PoolWindow> windows;
    for (std::int64_t i = 0; i < count; ++i)
      windows.push_back({i * extent / count, ((i + 1) * extent + count - 1) / count});
    return windows;
  });
}

}  // namespace

Value max_pool(Value x, const std::vector<std::int64_t>& size,
               const std::vector<std::int64_t>& strides, Padding padding) {
  return fixed(x, Pooling::kMax, size, strides, padding);
}
Value average_pool(Value x, const std::vector<std::int64_t>& size,
                   const std::vector<std::int64_t>& strides, Padding padding) {
  return fixed(x, Pooling::kMean, size, strides, padding);
}
Value adaptive_max_pool(Value x, const std::vector<std::int64_t>& output) {
  return adaptive(x, Pooling::kMax, output);
}
Value adaptive_average_pool(Value x, const std::vector<std::int64_t>& output) {
  return adaptive(x, Pooling::kMean, output);
}

}  // namespace keratin::ops
