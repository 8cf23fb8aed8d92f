// Functions that pick elements, put them in order, and look values up.
#include <algorithm>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/get_item.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/sort.h"
#include "ops/unique.h"

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

// As JAX has it: first the kth smallest ones and what is below, sorted, then the others where they
// stand.
Values partition_order(const OpCall& call) {
  Value x = widened(call.value());
  if (call.is_null("axis")) x = reshape(x, {kUnknown});
  const int axis = call.is_null("axis") ? 0 : call.axis();
  const std::int64_t n = known_extent(x, axis);
  const std::int64_t kth = normalize_axis(call.integer("kth"), std::size_t(n));
  const Value sorted = argsort(x, axis);
  const Value is_other = greater(argsort(cast(sorted, x.dtype()), axis), double(kth));
  return {concatenate(
      {slice(sorted, axis, 0, kth + 1), slice(argsort(is_other, axis), axis, kth + 1, n)}, axis)};
}

Values different(const OpCall& call) {
  const Value x = call.value();
  if (call.is_null("size"))
    fail(Code::kUnsupported, "'size' must be given: else the size depends on the data");
  const bool all = call.is_null("axis");
  const int axis = all ? 0 : normalize_axis(call.axis(), x.rank());
  const Value rows = all ? reshape(x, {kUnknown}) : move_axes(x, {axis}, {0});
  const Shape& shape = rows.shape();
  Shape flat{kUnknown, 1};
  if (!all) flat = {shape[0], product(shape, 1, shape.size())};
  const Values found = unique(reshape(widened(rows), flat), call.integer("size"));
  Value values = take(rows, found[0], 0);
  if (!call.is_null("fill_value")) {
    const Value wide = widened(values);
    Shape column(wide.rank(), 1);
    column[0] = kUnknown;
    const Value occurs = cast(cast(found[2], DType::kBool), wide.dtype());
    values = cast(where(reshape(occurs, column), wide, call.number("fill_value")), x.dtype());
  }
  Values results{all ? values : move_axes(values, {0}, {axis})};
  if (call.flag("return_index")) results.push_back(found[0]);
  if (call.flag("return_inverse")) results.push_back(all ? reshape_like(found[1], x) : found[1]);
  if (call.flag("return_counts")) results.push_back(found[2]);
  return results;
}

// Places among all elements as one for each axis; those outside go to the nearest end.
Values unraveled(const OpCall& call) {
  const Value given = call.value();
  Value left = cast(given, DType::kFloat64);
  const std::vector<std::int64_t> shape = call.integers("shape");
  Values places(shape.size());
  for (std::size_t i = shape.size(); i-- > 0;) {
    require(shape[i] > 0, "shape: expected 1 or more, got ", shape[i]);
    const Value above = floor(left / double(shape[i]));
    places[i] = left - above * double(shape[i]);
    left = above;
  }
  for (std::size_t i = 0; i < shape.size(); ++i)
    places[i] = cast(
        where(greater(left, 0.0), double(shape[i] - 1), where(less(left, -1.0), 0.0, places[i])),
        given.dtype());
  return places;
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
  const Value both = slice(y, axis, 1, n) + slice(y, axis, 0, n - 1);
  if (call.is_null("x")) return {sum(both, {axis}) * (0.5 * call.number("dx"))};
  const Tensor at = tensor_of_json(call["x"]).as(DType::kFloat64);
  require(at.shape() == Shape{n}, "x: expected ", n, " numbers, got shape ", to_string(at.shape()));
  Shape shape(y.rank(), 1);
  shape[std::size_t(axis)] = n - 1;
  Tensor steps(DType::kFloat64, shape);
  for (std::int64_t i = 0; i + 1 < n; ++i)
    steps.data<double>()[i] = 0.5 * (at.data<double>()[i + 1] - at.data<double>()[i]);
  return {sum(both * y.graph().constant(steps.as(y.dtype())), {axis})};
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
    {"argpartition", "numpy.Argpartition", "x; kth: int; axis: int? = -1",
     "Places, those of the kth smallest and what is below first; int32.", partition_order},
    {"unique", "numpy.Unique",
     "x; sorted: bool = true; return_index: bool = false; return_inverse: bool = false; "
     "return_counts: bool = false; axis: int? = null; size: int? = null; fill_value: float? = null",
     "The elements that differ, so many of them.", different},
    {"unravel_index", "numpy.UnravelIndex", "indices; shape: list of int",
     "Places among all elements as one for each axis.", unraveled},
    {"top_k", "math.TopK", "x; k: int; sorted: bool = true",
     "The k largest of the last axis, and their places.", top_k},
    {"in_top_k", "math.InTopK", "targets, predictions; k: int",
     "Whether the target is among the k largest.", in_top_k},
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
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
