// Functions that make rows of numbers: ranges between operands, histograms, one number everywhere.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/named_call.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// `count` numbers from start to stop along a new axis; without the end, stop would be the next one.
Value between(Value start, Value stop, std::int64_t count, bool with_end, std::int64_t axis) {
  require(count >= 1, "num: expected 1 or more, got ", count);
  const std::size_t rank = std::max(start.rank(), stop.rank()) + 1;
  const int at = normalize_axis(axis, rank);
  const auto spread = [&](Value x) {
    while (x.rank() + 1 < rank) x = expand_dims(x, 0);
    return expand_dims(x, at);
  };
  Tensor way(DType::kFloat64, {count});
  const double steps = double(std::max<std::int64_t>(1, with_end ? count - 1 : count));
  for (std::int64_t i = 0; i < count; ++i) way.data<double>()[i] = double(i) / steps;
  Shape shape(rank, 1);
  shape[std::size_t(at)] = count;
  const Value part = start.graph().constant(way.as(start.dtype()).reshaped(shape));
  return spread(start) * (1.0 - part) + spread(stop) * part;
}

struct Ends {
  Value start, stop;

  explicit Ends(const OpCall& call) {
    const auto [a, b] = call.pair();
    start = to_floating(a), stop = to_floating(b);
  }
};

Value between(const OpCall& call, Value start, Value stop) {
  return between(start, stop, call.integer("num"), call.flag("endpoint"), call.integer("axis"));
}

Values linspace(const OpCall& call) {
  if (call.flag("retstep")) fail(Code::kUnsupported, "retstep is not supported");
  const Ends ends(call);
  const Value y = between(call, ends.start, ends.stop);
  const DType dtype = call.dtype(y.dtype());
  return {cast(is_floating(dtype) ? y : floor(y), dtype)};
}

Values logspace(const OpCall& call) {
  const Ends ends(call);
  const Value base = ends.start.graph().constant(call.number("base"), ends.start.dtype());
  const Value y = power(base, between(call, ends.start, ends.stop));
  return {cast(y, call.dtype(y.dtype()))};
}

Values geomspace(const OpCall& call) {
  const auto [start, stop] = Ends(call);
  // Between two numbers below 0: the other way round.
  const Value turn = 1.0 - 2.0 * less(start, 0.0) * less(stop, 0.0);
  const Value y = exp(between(call, log(start * turn), log(stop * turn)));
  const int axis = normalize_axis(call.integer("axis"), y.rank());
  const Value sign = turn.rank() == 0 ? turn : expand_dims(turn, axis);
  return {cast(y * sign, call.dtype(y.dtype()))};
}

Values full(const OpCall& call) {
  const DType dtype = call.dtype(DType::kFloat32);
  const Value wide = widened(cast(call.value(), dtype));
  const Value like = wide.graph().constant(Tensor(wide.dtype(), call.integers("shape")));
  return {cast(broadcast_like(wide, like), dtype)};
}

Values histogram(const OpCall& call) {
  const std::int64_t bins = call.integer("bins");
  require(bins >= 1, "bins: expected 1 or more, got ", bins);
  const Value x = reshape(call.floating(), {kUnknown});
  Value low = min(x), high = max(x);
  if (!call.is_null("range")) {
    const Tensor range = tensor_of_json(call["range"]).as(DType::kFloat64);
    require(range.shape() == Shape{2} && range.data<double>()[0] <= range.data<double>()[1],
            "range: expected two numbers, the smaller one first, got ", call["range"].dump());
    low = x.graph().constant(range.data<double>()[0], x.dtype());
    high = x.graph().constant(range.data<double>()[1], x.dtype());
  }
  const Value half = 0.5 * equal(low, high);
  const Value edges = between(low - half, high + half, bins + 1, true, 0);
  // How many reach each edge; the last bin has its upper edge, too.
  const Value column = expand_dims(x, 1), last = slice(edges, 0, bins, bins + 1);
  const Value reach = sum(greater_equal(column, slice(edges, 0, 0, bins)), {0});
  const Value above = sum(greater(column, last), {0});
  return {reach - concatenate({slice(reach, 0, 1, bins), above}, 0), edges};
}

#define BETWEEN "start, stop; num: int = 50; endpoint: bool = true; "
#define AS "dtype: string? = null; axis: int = 0"

constexpr OpRow kRows[] = {
    {"linspace", "numpy.Linspace", BETWEEN "retstep: bool = false; " AS,
     "Numbers from start to stop at equal distances.", linspace},
    {"logspace", "numpy.Logspace", BETWEEN "base: float = 10; " AS,
     "Powers of base, the exponents at equal distances.", logspace},
    {"geomspace", "numpy.Geomspace", BETWEEN AS, "Numbers from start to stop at equal ratios.",
     geomspace},
    {"full", "numpy.Full", "fill_value; shape: list of int; dtype: string? = null",
     "A tensor that is one number everywhere.", full},
    {"histogram", "numpy.Histogram", "x; bins: int = 10; range: any = null",
     "How many numbers lie in each bin, and the bins' edges.", histogram},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
