// Quantiles, with and without what is not a number.
#include <algorithm>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/sort.h"

namespace keratin::ops {
namespace {

// The axes in one, the last.
Value gathered(Value x, std::vector<int> axes) {
  if (axes.empty()) return reshape(x, {element_count(x.shape())});
  for (int& axis : axes) axis = normalize_axis(axis, x.rank());
  std::vector<int> order;
  Shape shape;
  std::int64_t together = 1;
  for (int i = 0; i < int(x.rank()); ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) {
      order.push_back(i);
      shape.push_back(x.shape()[std::size_t(i)]);
    }
  for (const int axis : axes) {
    order.push_back(axis);
    together *= known_extent(x, axis);
  }
  shape.push_back(together);
  return reshape(transpose(x, order), shape);
}

// The quantile q, a scalar, of the first `count` [..., 1] elements of each sorted line.
Value at_quantile(Value sorted, Value count, Value q, const std::string& method) {
  const Value last = count - 1.0, at = q * last, below = floor(at), above = -floor(-at);
  const auto take_at = [&](Value place) {
    const Value inside = maximum(minimum(place, last), 0.0);
    return take_along_axis(sorted, cast(inside, DType::kInt32), -1);
  };
  const Value weight = at - below;
  if (method == "lower") return take_at(below);
  if (method == "higher") return take_at(above);
  if (method == "nearest") return take_at(where(less_equal(weight, 0.5), below, above));
  const Value low = take_at(below), high = take_at(above);
  if (method == "midpoint") return (low + high) * 0.5;
  require(method == "linear",
          "method: expected 'linear', 'lower', 'higher', 'midpoint' or 'nearest', got '", method,
          "'");
  return low * (1.0 - weight) + high * weight;
}

// `skip_nan`: of the numbers alone; else not a number where one is not.
Values quantiles(const OpCall& call, Value q, const std::string& method, bool skip_nan) {
  const Value x = call.floating();
  q = cast(q, x.dtype());
  require(q.rank() <= 1, "q: expected a number or a list of them, got shape ",
          to_string(q.shape()));
  const std::vector<int> axes = call.axes();
  const Value line = gathered(x, axes), sorted = sort(line, -1);
  const Value count = sum(equal(line, line), {-1}, true);
  const double all = double(known_extent(line, -1));
  const auto one = [&](Value at) {
    Value y = at_quantile(sorted, count, at, method);
    if (!skip_nan)
      y = where(less(count, all),
                slice(sorted, -1, known_extent(line, -1) - 1, known_extent(line, -1)), y);
    y = squeeze(y, -1);
    if (!call.flag("keepdims")) return y;
    std::vector<int> back = axes;
    if (back.empty())
      for (int i = 0; i < int(x.rank()); ++i) back.push_back(i);
    for (int& axis : back) axis = normalize_axis(axis, x.rank());
    std::sort(back.begin(), back.end());
    for (const int axis : back) y = expand_dims(y, axis);
    return y;
  };
  if (q.rank() == 0) return {one(q)};
  Values results;
  for (std::int64_t i = 0; i < known_extent(q, 0); ++i)
    results.push_back(expand_dims(one(squeeze(slice(q, 0, i, i + 1), 0)), 0));
  return {concatenate(results, 0)};
}

template <bool skip_nan>
Values quantile(const OpCall& call) {
  return quantiles(call, to_floating(call.value(1)), call.text("method"), skip_nan);
}
template <bool skip_nan>
Values percentile(const OpCall& call) {
  return quantiles(call, to_floating(call.value(1)) / 100.0, call.text("method"), skip_nan);
}
template <bool skip_nan>
Values median(const OpCall& call) {
  return quantiles(call, call.value().graph().constant(0.5), "linear", skip_nan);
}

#define OVER_AXES "axis: list of int? = null"
#define QUANTILES "x, q; " OVER_AXES "; method: string = \"linear\"; keepdims: bool = false"
#define MEDIAN "x; " OVER_AXES "; keepdims: bool = false"

constexpr OpRow kRows[] = {
    {"quantile", "numpy.Quantile", QUANTILES, "Quantiles over axes; null: all.", quantile<false>},
    {"percentile", "numpy.Percentile", QUANTILES, "Percentiles over axes; null: all.",
     percentile<false>},
    {"median", "numpy.Median", MEDIAN, "Median over axes; null: all.", median<false>},
    {"nanquantile", "numpy.Nanquantile", QUANTILES, "Quantiles of the numbers.", quantile<true>},
    {"nanpercentile", "numpy.Nanpercentile", QUANTILES, "Percentiles of the numbers.",
     percentile<true>},
    {"nanmedian", "numpy.Nanmedian", MEDIAN, "Median of the numbers.", median<true>},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
