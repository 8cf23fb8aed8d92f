#include "ops/resample.h"

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "graph/op.h"
#include "ops/picking.h"

namespace keratin::ops {
namespace {

using kernels::AxisMap;

class ResampleOp : public Op {
 public:
  ResampleOp(std::size_t axis, std::shared_ptr<const AxisMap> map)
      : axis_(axis), map_(std::move(map)) {}
  std::string_view name() const override { return "resample"; }

  std::vector<Spec> infer(std::span<const Spec> in) const override {
    require(is_floating(in[0].dtype), "resample: expected float32 or float64, got ",
            keratin::name_of(in[0].dtype));
    Spec out = in[0];
    require(out.shape[axis_] == map_->in, "resample: expected an extent of ", map_->in,
            " along axis ", axis_, ", got shape ", to_string(out.shape));
    out.shape[axis_] = map_->out();
    return {out};
  }

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    auto back = std::make_shared<const AxisMap>(map_->transposed());
    return node.graph->apply(std::make_shared<ResampleOp>(axis_, std::move(back)), {d_out[0]});
  }

  Kernel bind(std::span<const Spec> in, std::span<const Spec>) const override {
    const Shape& shape = in[0].shape;
    const std::int64_t outer = product(shape, 0, axis_);
    const std::int64_t inner = product(shape, axis_ + 1, shape.size());
    if (in[0].dtype == DType::kFloat64) return bind_as<double>(outer, inner);
    return bind_as<float>(outer, inner);
  }

 private:
  template <class T>
  Kernel bind_as(std::int64_t outer, std::int64_t inner) const {
    return {[map = map_, outer, inner](const Buffers& b) {
      kernels::resample(*map, outer, inner, b.input<T>(0), b.output<T>(0));
    }};
  }

  std::size_t axis_;
  std::shared_ptr<const AxisMap> map_;
};

// Interpolation kernels of the distance |x|; jax.image's.
struct Filter {
  double (*weight)(double x);
  double radius;
};

double triangle(double x) { return std::max(0.0, 1 - x); }
// Keys 1981 with a = -1/2.
double cubic(double x) {
  if (x >= 2) return 0;
  return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
}
double lanczos(double x, double radius) {
  constexpr double kPi = std::numbers::pi;
  if (x > radius) return 0;
  if (x <= 1e-3) return 1;
  return radius * std::sin(kPi * x) * std::sin(kPi * x / radius) / (kPi * kPi * x * x);
}

Filter filter_named(std::string_view name) {
  if (name == "bilinear") return {triangle, 1};
  if (name == "bicubic") return {cubic, 2};
  if (name == "lanczos3") return {[](double x) { return lanczos(x, 3); }, 3};
  if (name == "lanczos5") return {[](double x) { return lanczos(x, 5); }, 5};
  fail(Code::kInvalidArgument,
       "expected interpolation 'nearest', 'bilinear', 'bicubic', 'lanczos3' or 'lanczos5', got '",
       name, "'");
}

AxisMap nearest_map(std::int64_t in, std::int64_t out) {
  AxisMap map;
  map.in = in;
  for (std::int64_t i = 0; i < out; ++i) {
    // In single precision, as Keras has it.
    const float at = (float(i) + 0.5f) * float(in) / float(out);
    map.add(std::min(std::int64_t(std::floor(at)), in - 1), 1);
    map.finish();
  }
  return map;
}

AxisMap filtered_map(std::int64_t in, std::int64_t out, const Filter& filter, bool antialias) {
  AxisMap map;
  map.in = in;
  const float inverse = 1.0f / (float(out) / float(in));
  const double spread = antialias ? std::max(1.0, double(inverse)) : 1.0;
  for (std::int64_t i = 0; i < out; ++i) {
    const double at = double((float(i) + 0.5f) * inverse - 0.5f);
    const double reach = filter.radius * spread + 1;
    const auto first = std::max<std::int64_t>(0, std::int64_t(std::floor(at - reach)));
    const auto last = std::min<std::int64_t>(in - 1, std::int64_t(std::ceil(at + reach)));
    double total = 0;
    for (std::int64_t k = first; k <= last; ++k)
      total += filter.weight(std::abs(at - double(k)) / spread);
    if (std::abs(total) > 1000 * 1.1920929e-7 && at >= -0.5 && at <= double(in) - 0.5)
      for (std::int64_t k = first; k <= last; ++k)
        if (const double w = filter.weight(std::abs(at - double(k)) / spread); w != 0)
          map.add(k, w / total);
    map.finish();
  }
  return map;
}

}  // namespace

Value resample(Value x, int axis, AxisMap map) {
  const auto at = std::size_t(normalize_axis(axis, x.rank()));
  auto op = std::make_shared<ResampleOp>(at, std::make_shared<const AxisMap>(std::move(map)));
  return x.graph().apply(std::move(op), {x})[0];
}

Value zero_pad(Value x, int axis, std::int64_t before, std::int64_t after) {
  require(before >= 0 && after >= 0, "padding: expected numbers of 0 or more, got ", before,
          " and ", after);
  if (before == 0 && after == 0) return x;
  AxisMap map;
  map.in = known_extent(x, axis);
  for (std::int64_t i = -before; i < map.in + after; ++i) {
    if (i >= 0 && i < map.in) map.add(i, 1);
    map.finish();
  }
  return resample(x, axis, std::move(map));
}

Value repeat_elements(Value x, int axis, std::int64_t times) {
  if (times == 1) return x;
  AxisMap map;
  map.in = known_extent(x, axis);
  for (std::int64_t i = 0; i < map.in * times; ++i) {
    map.add(i / times, 1);
    map.finish();
  }
  return resample(x, axis, std::move(map));
}

AxisMap resize_map(std::int64_t in, std::int64_t out, std::string_view interpolation,
                   bool antialias) {
  require(in > 0 && out > 0, "resize: expected extents above 0, got ", in, " and ", out);
  if (interpolation == "nearest") return nearest_map(in, out);
  return filtered_map(in, out, filter_named(interpolation), antialias);
}

Value resize_axis(Value x, int axis, std::int64_t extent, std::string_view interpolation,
                  bool antialias) {
  const std::int64_t in = known_extent(x, axis);
  AxisMap map = resize_map(in, extent, interpolation, antialias);
  return in == extent ? x : resample(x, axis, std::move(map));
}

}  // namespace keratin::ops
