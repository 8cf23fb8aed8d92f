// Functions that pick elements, put them in order, and look values up.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/get_item.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/sort.h"

namespace keratin::ops {
namespace {

Values got_item(const OpCall& call) { return {get_item(call.value(), call.constant(1))}; }

Values taken(const OpCall& call) {
  const Value x = call.value();
  if (!call.is_null("axis")) return {take(x, call.value(1), call.axis())};
  return {take(reshape(x, {kUnknown}), call.value(1), 0)};
}

Values taken_along_axis(const OpCall& call) {
  const Value x = call.value(), indices = call.value(1);
  if (call.is_null("axis"))
    return {take_along_axis(reshape(x, {kUnknown}), reshape(indices, {kUnknown}), 0)};
  const int axis = normalize_axis(call.axis(), x.rank());
  // All axes but that one broadcast.
  const Value wide = cast(indices, DType::kFloat64);
  Value like = widened(x);
  like = cast(0.0 * slice(like, axis, 0, 1), DType::kFloat64);
  return {take_along_axis(x, cast(wide + like, DType::kInt32), axis)};
}

// Keras' slice(x, start_indices, shape), with -1 in the shape for all that is left.
Values sliced(const OpCall& call) {
  std::vector<std::int64_t> begin;
  for (const Json& start : call.constant(1)) begin.push_back(start.get<std::int64_t>());
  const auto extent = call.integers("shape");
  Value x = call.value();
  require(begin.size() == x.rank() && extent.size() == x.rank(),
          "start_indices and shape: expected ", x.rank(), " numbers each, got ", begin.size(),
          " and ", extent.size());
  for (std::size_t axis = 0; axis < begin.size(); ++axis) {
    const std::int64_t whole = x.shape()[axis];
    if (begin[axis] == 0 && (extent[axis] == kUnknown || extent[axis] == whole)) continue;
    require(whole != kUnknown, "axis ", axis, " of unknown extent cannot be cut");
    const std::int64_t rest = whole - std::clamp<std::int64_t>(begin[axis], 0, whole);
    const std::int64_t length = extent[axis] == kUnknown ? rest : extent[axis];
    require(begin[axis] >= 0 && begin[axis] <= whole && length >= 0 && length <= rest, "axis ",
            axis, ": ", extent[axis], " from ", begin[axis], " on, of ", whole);
    x = slice(x, int(axis), begin[axis], begin[axis] + length);
  }
  return {x};
}

// x with `updates` in place of what begins at `starts`, from `axis` on.
Value put(Value x, Value updates, const Json& starts, std::size_t axis) {
  if (axis == x.rank()) return updates;
  const std::int64_t n = updates.shape().at(axis), whole = x.shape()[axis];
  const auto begin = starts.at(axis).get<std::int64_t>();
  if (begin == 0 && n == whole) return put(x, updates, starts, axis + 1);
  require(n != kUnknown && whole != kUnknown && begin >= 0 && begin + n <= whole, "axis ", axis,
          ": ", n, " from ", begin, " on, of ", whole);
  const int at = int(axis);
  Values parts;
  if (begin > 0) parts.push_back(slice(x, at, 0, begin));
  parts.push_back(put(slice(x, at, begin, begin + n), updates, starts, axis + 1));
  if (begin + n < whole) parts.push_back(slice(x, at, begin + n, whole));
  return concatenate(parts, at);
}

Values slice_updated(const OpCall& call) {
  const Value x = call.value();
  require(call.constant(1).is_array() && call.constant(1).size() == x.rank(),
          "start_indices: expected ", x.rank(), " numbers");
  return {put(x, cast(call.value(2), x.dtype()), call.constant(1), 0)};
}

DType dtype_or_float32(const OpCall& call) { return call.dtype(DType::kFloat32); }

Values hot(const OpCall& call) {
  const Value x = call.value();
  const DType dtype = dtype_or_float32(call);
  const DType wide = is_floating(dtype) ? dtype : DType::kFloat32;
  const Value y = one_hot(cast(x, DType::kInt32), call.integer("num_classes"), wide);
  const int last = int(x.rank()), axis = normalize_axis(call.axis(), x.rank() + 1);
  std::vector<int> order;
  for (int i = 0; i < last; ++i) order.push_back(i);
  order.insert(order.begin() + axis, last);
  return {cast(axis == last ? y : transpose(y, order), dtype)};
}

// Along the first axis of what is one-hot, but for the batch's, wherever the new axis stands.
Values many_hot(const OpCall& call) {
  const Value y = hot(call)[0];
  return {cast(max(widened(y), {call.value().rank() > 1 ? 1 : 0}), y.dtype())};
}

Values sorted(const OpCall& call) {
  const Value x = call.value();
  if (is_floating(x.dtype())) return {sort(x, call.axis())};
  return {cast(sort(widened(x), call.axis()), x.dtype())};
}

Values order(const OpCall& call) {
  const Value x = widened(call.value());
  return {call.is_null("axis") ? argsort(reshape(x, {kUnknown}), 0) : argsort(x, call.axis())};
}

Values top_k(const OpCall& call) {
  const Value x = call.value(), wide = widened(x);
  const Value places = slice(argsort(wide, -1, true), -1, 0, call.integer("k"));
  return {cast(take_along_axis(wide, places, -1), x.dtype()), places};
}

Values in_top_k(const OpCall& call) {
  const Value targets = call.value(0), predictions = call.value(1);
  const Value own = take_along_axis(predictions, expand_dims(targets, -1), -1);
  const Value before = sum(greater(predictions, own), {-1});
  const Value good = squeeze(is_finite(own), -1);
  return {cast(good * less(before, double(call.integer("k"))), DType::kBool)};
}

// Where each quantile lies among n sorted elements, and how far on the way to the next.
Value at_quantile(Value sorted, double q, const std::string& method, int axis) {
  const std::int64_t n = known_extent(sorted, axis);
  const double at = q * double(n - 1), below = std::floor(at);
  const auto take_at = [&](double place) {
    const auto i = std::clamp<std::int64_t>(std::int64_t(place), 0, n - 1);
    return slice(sorted, axis, i, i + 1);
  };
  if (method == "lower") return take_at(below);
  if (method == "higher") return take_at(std::ceil(at));
  if (method == "nearest") return take_at(std::nearbyint(at));
  const Value low = take_at(below), high = take_at(std::ceil(at));
  if (method == "midpoint") return (low + high) * 0.5;
  require(method == "linear",
          "method: expected 'linear', 'lower', 'higher', 'midpoint' or 'nearest', got '", method,
          "'");
  return at == below ? low : low * (1 - (at - below)) + high * (at - below);
}

// The axes in one, the last.
Value gathered(Value x, std::vector<int> axes) {
  if (axes.empty()) return reshape(x, {element_count(x.shape())});
  for (int& axis : axes) axis = normalize_axis(axis, x.rank());
  std::vector<int> order_;
  Shape shape;
  std::int64_t together = 1;
  for (int i = 0; i < int(x.rank()); ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) {
      order_.push_back(i);
      shape.push_back(x.shape()[std::size_t(i)]);
    }
  for (const int axis : axes) {
    order_.push_back(axis);
    together *= known_extent(x, axis);
  }
  shape.push_back(together);
  return reshape(transpose(x, order_), shape);
}

Values quantiles(const OpCall& call, const Json& q, double scale, const std::string& method) {
  const Value x = call.floating();
  const std::vector<int> axes = call.axes();
  const Value sorted = sort(gathered(x, axes), -1);
  const auto one = [&](double at) {
    Value y = squeeze(at_quantile(sorted, at * scale, method, int(sorted.rank()) - 1), -1);
    // Not a number where one is not.
    const Value last =
        squeeze(slice(sorted, -1, known_extent(sorted, -1) - 1, known_extent(sorted, -1)), -1);
    y = where(equal(last, last), y, last);
    if (!call.flag("keepdims")) return y;
    std::vector<int> back = axes;
    if (back.empty())
      for (int i = 0; i < int(x.rank()); ++i) back.push_back(i);
    for (int& axis : back) axis = normalize_axis(axis, x.rank());
    std::sort(back.begin(), back.end());
    for (const int axis : back) y = expand_dims(y, axis);
    return y;
  };
  if (q.is_number()) return {one(q.get<double>())};
  const Tensor numbers = tensor_of_json(q).as(DType::kFloat64);
  require(numbers.shape().size() <= 1, "q: expected a number or a list of them");
  if (numbers.shape().empty()) return {one(numbers.data<double>()[0])};
  Values all;
  for (const double at : numbers.span<double>()) all.push_back(expand_dims(one(at), 0));
  return {concatenate(all, 0)};
}

Values quantile(const OpCall& call) {
  return quantiles(call, call.constant(1), 1, call.text("method"));
}
Values percentile(const OpCall& call) {
  return quantiles(call, call.constant(1), 0.01, call.text("method"));
}
Values median(const OpCall& call) { return quantiles(call, 0.5, 1, "linear"); }

// How many of the sorted numbers are below (`right`: or the same as) each value.
Value places_among(Value sorted, Value values, bool right) {
  const Value x = expand_dims(cast(values, DType::kFloat64), int(values.rank()));
  const Value s = cast(sorted, DType::kFloat64);
  return cast(sum(right ? less_equal(s, x) : less(s, x), {-1}), DType::kInt32);
}
Values searched(const OpCall& call) {
  return {places_among(call.value(0), call.value(1), call.text("side") == "right")};
}
Values digitized(const OpCall& call) { return {places_among(call.value(1), call.value(0), true)}; }

Values is_in(const OpCall& call) {
  const Value x = call.value(0), among = reshape(call.value(1), {kUnknown});
  const Value wide = expand_dims(cast(x, DType::kFloat64), int(x.rank()));
  Value y = max(equal(wide, cast(among, DType::kFloat64)), {-1});
  if (call.flag("invert")) y = 1.0 - y;
  return {cast(y, DType::kBool)};
}

Values selected(const OpCall& call) {
  const Values &conditions = call.list(0), &choices = call.list(1);
  require(conditions.size() == choices.size(), "expected as many conditions as choices");
  DType dtype = promoted(choices);
  if (!call.is_constant(2) || !call.constant(2).is_number_integer())
    dtype = promoted(dtype, call.value(2).dtype());
  const DType wide = is_floating(dtype) ? dtype : DType::kFloat64;
  Value y = cast(call.value(2), wide);
  for (std::size_t i = choices.size(); i-- > 0;)
    y = where(cast(cast(conditions[i], DType::kBool), wide), cast(choices[i], wide), y);
  return {cast(y, dtype)};
}

Values grid(const OpCall& call) {
  Values values = call.list();
  const bool xy = call.text("indexing") == "xy" && values.size() > 1;
  const std::size_t n = values.size();
  Value zero;
  for (std::size_t i = 0; i < n; ++i) {
    Shape shape(n, 1);
    shape[xy && i < 2 ? 1 - i : i] = kUnknown;
    values[i] = reshape(values[i], shape);
    const Value part = 0.0 * cast(values[i], DType::kFloat64);
    zero = zero ? zero + part : part;
  }
  for (Value& value : values)
    value = is_floating(value.dtype()) ? value + cast(zero, value.dtype())
                                       : cast(widened(value) + zero, value.dtype());
  return values;
}

Values differences(const OpCall& call) {
  const Value given = call.value();
  Value x = widened(given);
  const int axis = normalize_axis(call.axis(), x.rank());
  for (std::int64_t i = 0; i < call.integer("n"); ++i) {
    const std::int64_t n = known_extent(x, axis);
    const Value after = slice(x, axis, 1, n), before = slice(x, axis, 0, n - 1);
    x = given.dtype() == DType::kBool ? not_equal(after, before) : after - before;
  }
  return {cast(x, given.dtype())};
}

Values trapezoid(const OpCall& call) {
  const Value y = call.floating();
  const int axis = normalize_axis(call.axis(), y.rank());
  const std::int64_t n = known_extent(y, axis);
  require(call.is_null("x"), "the attribute 'x' is not supported");
  const Value both = slice(y, axis, 1, n) + slice(y, axis, 0, n - 1);
  return {sum(both, {axis}) * (0.5 * call.number("dx"))};
}

Values vandermonde(const OpCall& call) {
  const Value x = call.value(), wide = widened(x);
  const std::int64_t n = call.is_null("N") ? known_extent(x, 0) : call.integer("N");
  Values columns;
  for (std::int64_t k = 0; k < n; ++k)
    columns.push_back(expand_dims(k == 0            ? ones_like(wide)
                                  : columns.empty() ? wide
                                                    : power(wide, double(k)),
                                  int(x.rank())));
  if (!call.flag("increasing")) std::reverse(columns.begin(), columns.end());
  return {cast(concatenate(columns, -1), x.dtype())};
}

// Rows with the same id added up; ids outside leave nothing.
Values segment_sum(const OpCall& call) {
  const Value data = call.value(0), ids = cast(call.value(1), DType::kInt32);
  require(!call.is_null("num_segments"), "num_segments must be given");
  Shape shape = data.shape();
  const std::int64_t n = call.integer("num_segments");
  shape.at(0) = n;
  const Value wide = widened(data);
  const Value inside = cast(greater_equal(ids, 0.0) * less(ids, double(n)), wide.dtype());
  Shape column(data.rank(), 1);
  column[0] = kUnknown;
  const Value kept = where(reshape(inside, column), wide, 0.0);
  const Value like = wide.graph().constant(Tensor(wide.dtype(), shape));
  return {cast(add_taken(kept, ids, like, 0), data.dtype())};
}

constexpr OpRow kRows[] = {
    {"get_item", "numpy.GetItem", "x, key", "x[key]; key as Keras saves it.", got_item},
    {"take", "numpy.Take", "x, indices; axis: int? = null",
     "Elements by index along an axis; null: of all.", taken},
    {"take_along_axis", "numpy.TakeAlongAxis", "x, indices; axis: int? = null",
     "Elements by index, each within its own row.", taken_along_axis},
    {"slice", "core.Slice", "inputs, start_indices; shape: list of int",
     "A part of x; -1 in shape: all that is left.", sliced},
    {"slice_update", "core.SliceUpdate", "inputs, start_indices, updates",
     "x with a part replaced.", slice_updated},
    {"one_hot", "nn.OneHot",
     "x; num_classes: int; axis: int = -1; dtype: string? = \"float32\"; sparse: bool = false",
     "1 at the index along a new axis, else 0.", hot},
    {"multi_hot", "nn.MultiHot",
     "inputs; num_classes: int; axis: int = -1; dtype: string? = \"float32\"; sparse: bool = false",
     "1 at each of the indices of axis 1, else 0.", many_hot},
    {"sort", "numpy.Sort", "x; axis: int = -1", "From the smallest to the largest.", sorted},
    {"argsort", "numpy.Argsort", "x; axis: int? = -1", "The places of the sorted elements; int32.",
     order},
    {"top_k", "math.TopK", "x; k: int; sorted: bool = true",
     "The k largest of the last axis, and their places.", top_k},
    {"in_top_k", "math.InTopK", "targets, predictions; k: int",
     "Whether the target is among the k largest.", in_top_k},
    {"quantile", "numpy.Quantile",
     "x, q; axis: list of int? = null; method: string = \"linear\"; keepdims: bool = false",
     "Quantiles over axes; null: all.", quantile},
    {"percentile", "numpy.Percentile",
     "x, q; axis: list of int? = null; method: string = \"linear\"; keepdims: bool = false",
     "Percentiles over axes; null: all.", percentile},
    {"median", "numpy.Median", "x; axis: list of int? = null; keepdims: bool = false",
     "Median over axes; null: all.", median},
    {"searchsorted", "numpy.SearchSorted", "sorted_sequence, values; side: string = \"left\"",
     "Where values belong in a sorted list; int32.", searched},
    {"digitize", "numpy.Digitize", "x, bins", "In which bin each lies; int32.", digitized},
    {"isin", "numpy.IsIn", "x1, x2; assume_unique: bool = false; invert: bool = false",
     "Whether each is among x2.", is_in},
    {"select", "numpy.Select", "[condlist], [choicelist], default = 0",
     "The first choice whose condition holds.", selected},
    {"meshgrid", "numpy.Meshgrid", "*x; indexing: string = \"xy\"",
     "Vectors spread over their grid.", grid},
    {"diff", "numpy.Diff", "a; n: int = 1; axis: int = -1", "Differences of neighbours.",
     differences},
    {"trapezoid", "numpy.Trapezoid", "y; x: any = null; dx: float = 1.0; axis: int = -1",
     "Integral by trapezoids.", trapezoid},
    {"vander", "numpy.Vander", "x; N: int? = null; increasing: bool = false",
     "Powers of x as columns.", vandermonde},
    {"segment_sum", "math.SegmentSum",
     "data, segment_ids; num_segments: int? = null; sorted: bool = false",
     "Sums of the rows that have one id.", segment_sum},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
