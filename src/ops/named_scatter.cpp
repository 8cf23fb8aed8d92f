// Functions that bring elements to places: scattering, and reductions of segments.
#include <cmath>
#include <limits>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/named_call.h"
#include "ops/reduce.h"
#include "ops/scatter.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

using ScatterFn = Value (*)(Value x, Value places, Value updates);

// Updates for the rows of x that `indices` [..., axes] name, worked in by `fn`.
Value scattered(ScatterFn fn, Value x, Value indices, Value updates) {
  const Value places = row_places(indices, x);
  const auto axes = std::ptrdiff_t(indices.shape().back());
  Shape row(x.shape().begin() + axes, x.shape().end()), like = places.shape();
  like.insert(like.end(), row.begin(), row.end());
  const std::int64_t n = element_count(row);
  if (updates.shape() != like) {
    require(is_static(like), "updates: expected shape ", to_string(like), ", got ",
            to_string(updates.shape()));
    updates = broadcast_like(updates, updates.graph().constant(Tensor(updates.dtype(), like)));
  }
  const Value rows =
      fn(reshape(x, {kUnknown, n}), reshape(places, {kUnknown}), reshape(updates, {kUnknown, n}));
  return reshape_like(rows, x);
}

Values scatter(const OpCall& call) {
  const Value values = call.value(1), wide = widened(values);
  const Value zeros = wide.graph().constant(Tensor(wide.dtype(), call.integers("shape")));
  return {cast(scattered(scatter_add, zeros, cast(call.value(0), DType::kInt32), wide),
               values.dtype())};
}

ScatterFn reduction_named(const Json& name) {
  if (name.is_null()) return scatter_set;
  if (name == "add") return scatter_add;
  if (name == "mul") return scatter_multiply;
  if (name == "max") return scatter_max;
  if (name == "min") return scatter_min;
  fail(Code::kInvalidArgument, "reduction: expected null, 'add', 'max', 'min' or 'mul', got ",
       name.dump());
}

Values scatter_update(const OpCall& call) {
  const Value x = call.value(0), wide = widened(x);
  Value indices = cast(call.value(1), DType::kInt32);
  require(indices.rank() >= 2, "indices: expected [updates, axes], got shape ",
          to_string(indices.shape()));
  // Keras reverses all axes of the indices, so that of more than two the first ones, too.
  std::vector<int> order;
  for (int axis = int(indices.rank()) - 2; axis >= 0; --axis) order.push_back(axis);
  order.push_back(int(indices.rank()) - 1);
  if (order.size() > 2) indices = transpose(indices, order);
  return {cast(scattered(reduction_named(call["reduction"]), wide, indices,
                         cast(call.value(2), wide.dtype())),
               x.dtype())};
}

// What is left of no rows at all.
double smallest(DType dtype) {
  if (is_floating(dtype)) return -HUGE_VAL;
  if (dtype == DType::kInt32) return std::numeric_limits<std::int32_t>::min();
  if (dtype == DType::kInt64) return -0x1p63;
  return dtype == DType::kInt8 ? -128 : 0;
}
double largest(DType dtype) {
  if (dtype == DType::kUint32) return std::numeric_limits<std::uint32_t>::max();
  if (dtype == DType::kUint8) return 255;
  return dtype == DType::kBool ? 1 : is_floating(dtype) ? HUGE_VAL : -1 - smallest(dtype);
}
double zero(DType) { return 0; }
double one(DType) { return 1; }

// Rows with the same id in one; ids outside leave nothing.
template <ScatterFn fn, double (*of_none)(DType)>
Values segments(const OpCall& call) {
  const Value data = call.value(0), wide = widened(data);
  const Value ids = cast(call.value(1), DType::kInt32);
  require(data.rank() > 0 && ids.rank() == 1, "segment_ids: expected one axis, got shape ",
          to_string(ids.shape()));
  require(!call.is_null("num_segments"), "num_segments must be given");
  Shape shape = data.shape();
  shape[0] = call.integer("num_segments");
  require(shape[0] >= 0 && is_static(shape), "num_segments: expected 0 or more, got ", shape[0]);
  const Value none =
      wide.graph().constant(Tensor::of(shape, std::vector<double>(std::size_t(element_count(shape)),
                                                                  of_none(data.dtype())))
                                .as(wide.dtype()));
  const std::int64_t n = product(shape, 1, shape.size());
  const Value places = row_places(expand_dims(ids, -1), none, false);
  const Value rows = fn(reshape(none, {kUnknown, n}), places, reshape(wide, {kUnknown, n}));
  return {cast(reshape(rows, shape), data.dtype())};
}

#define SEGMENTS "data, segment_ids; num_segments: int? = null; sorted: bool = false"

constexpr OpRow kRows[] = {
    {"scatter", "core.Scatter", "indices, values; shape: list of int",
     "Zeros with values added at indices.", scatter},
    {"scatter_update", "core.ScatterUpdate", "inputs, indices, updates; reduction: string? = null",
     "x with updates at indices: put there, or by add, mul, max, min.", scatter_update},
    {"segment_sum", "math.SegmentSum", SEGMENTS, "Sums of the rows that have one id.",
     segments<scatter_add, zero>},
    {"segment_prod", "math.SegmentProd", SEGMENTS, "Products of the rows that have one id.",
     segments<scatter_multiply, one>},
    {"segment_max", "math.SegmentMax", SEGMENTS, "The largest of the rows that have one id.",
     segments<scatter_max, smallest>},
    {"segment_min", "math.SegmentMin", SEGMENTS, "The smallest of the rows that have one id.",
     segments<scatter_min, largest>},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
