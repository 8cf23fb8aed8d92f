// Functions that reduce axes, and that run along one.
#include <cmath>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/named_call.h"
#include "ops/reduce.h"
#include "ops/scan.h"
#include "ops/shape.h"
#include "ops/softmax.h"
#include "ops/sort.h"

namespace keratin::ops {
namespace {

using ReduceFn = Value (*)(Value, std::vector<int>, bool);

bool keepdims(const OpCall& call) { return call.flag("keepdims"); }

std::vector<int> all_axes(Value x) {
  std::vector<int> axes;
  for (int i = 0; i < int(x.rank()); ++i) axes.push_back(i);
  return axes;
}

std::vector<int> axes_of(const OpCall& call, Value x) {
  return call.is_null("axis") ? all_axes(x) : call.axes();
}

// In floating numbers, back in the operand's dtype.
template <ReduceFn fn>
Values kept(const OpCall& call) {
  const Value x = call.value();
  return {cast(fn(widened(x), axes_of(call, x), keepdims(call)), x.dtype())};
}

// Bools and small integers are summed as int32.
DType summed(DType dtype) {
  return dtype == DType::kBool || dtype == DType::kUint8 ? DType::kInt32 : dtype;
}
template <ReduceFn fn>
Values totalled(const OpCall& call) {
  const Value x = call.value();
  const DType dtype = summed(x.dtype());
  const bool chosen = call.op().attribute("dtype") != nullptr;
  return {
      cast(fn(widened(x), axes_of(call, x), keepdims(call)), chosen ? call.dtype(dtype) : dtype)};
}

template <ReduceFn fn>
Values in_float32(const OpCall& call) {
  const Value x = call.floating();
  return {fn(x, axes_of(call, x), keepdims(call))};
}

// Largest or smallest, with `initial` among the numbers.
template <ReduceFn fn, Value (*join)(Value, double)>
Values extreme(const OpCall& call) {
  const Value x = call.value();
  Value y = fn(widened(x), axes_of(call, x), keepdims(call));
  if (!call.is_null("initial")) y = join(y, call.number("initial"));
  return {cast(y, x.dtype())};
}

Value is_true(Value x) { return not_equal(widened(x), 0.0 * zeros_like(widened(x))); }

template <ReduceFn fn>
Values quantified(const OpCall& call) {
  const Value x = is_true(call.value());
  return {cast(fn(x, axes_of(call, x), keepdims(call)), DType::kBool)};
}

Values count_nonzero(const OpCall& call) {
  const Value x = is_true(call.value());
  return {cast(sum(x, axes_of(call, x)), DType::kInt32)};
}

Value variance(Value x, std::vector<int> axes, bool keep) { return moments(x, axes, keep).second; }
Value deviation(Value x, std::vector<int> axes, bool keep) {
  return sqrt(variance(x, std::move(axes), keep));
}
Value range(Value x, std::vector<int> axes, bool keep) {
  return max(x, axes, keep) - min(x, axes, keep);
}

// Without what is not a number.
Value is_number(Value x) { return equal(x, x); }
Value nan_sum(Value x, std::vector<int> axes, bool keep) {
  return sum(where(is_number(x), x, 0.0), std::move(axes), keep);
}
Value nan_prod(Value x, std::vector<int> axes, bool keep) {
  return prod(where(is_number(x), x, 1.0), std::move(axes), keep);
}
Value nan_mean(Value x, std::vector<int> axes, bool keep) {
  return nan_sum(x, axes, keep) / sum(is_number(x), axes, keep);
}
Value nan_variance(Value x, std::vector<int> axes, bool keep) {
  const Value counts = is_number(x);  // not of the differences: infinities make those no numbers
  const Value squares = where(counts, square(x - nan_mean(x, axes, true)), 0.0);
  return sum(squares, axes, keep) / sum(counts, axes, keep);
}
Value nan_deviation(Value x, std::vector<int> axes, bool keep) {
  return sqrt(nan_variance(x, std::move(axes), keep));
}
// Not a number where there is none at all.
template <ReduceFn fn, int sign>
Value nan_extreme(Value x, std::vector<int> axes, bool keep) {
  const Value some = is_number(x);
  const Value y = fn(where(some, x, -sign * HUGE_VAL), axes, keep);
  return where(sum(some, axes, keep), y, std::nan(""));
}

Values element_count_of(const OpCall& call) {
  return {cast(count(widened(call.value())), DType::kInt32)};
}
Values axis_count_of(const OpCall& call) {
  const auto rank = std::int32_t(call.value().rank());
  return {call.value().graph().constant(Tensor::scalar<std::int32_t>(rank))};
}

Value flat(Value x) { return reshape(x, {kUnknown}); }

// The place of the largest or smallest along an axis, or among all elements.
template <int sign, bool skip_nan>
Values place_of_extreme(const OpCall& call) {
  Value x = widened(call.value());
  const std::size_t rank = x.rank();
  const bool all = call.is_null("axis");
  if (skip_nan) x = where(is_number(x), x, -sign * HUGE_VAL);
  if (sign < 0) x = -x;
  Value y = all ? argmax(flat(x), 0) : argmax(x, call.axis());
  if (keepdims(call)) {
    if (!all) return {expand_dims(y, normalize_axis(call.axis(), rank))};
    for (std::size_t i = 0; i < rank; ++i) y = expand_dims(y, 0);
  }
  return {y};
}

Values average(const OpCall& call) {
  const Value x = call.floating();
  const std::vector<int> axes = axes_of(call, x);
  if (!call.has(1)) return {mean(x, axes)};
  Value weights = cast(call.value(1), x.dtype());
  if (weights.rank() == 1 && x.rank() > 1 && axes.size() == 1) {
    Shape shape(x.rank(), 1);
    shape[std::size_t(normalize_axis(axes[0], x.rank()))] = kUnknown;
    weights = reshape(weights, shape);
  }
  return {sum(x * weights, axes) / sum(broadcast_like(weights, x), axes)};
}

Values both_moments(const OpCall& call) {
  const auto [mean, variance] = moments(call.floating(), call.axes("axes"), keepdims(call));
  return {mean, variance};
}

template <Value (*fn)(Value, int)>
Values along_axis(const OpCall& call) {
  const Value x = call.floating();
  if (call["axis"].is_array() && call["axis"].size() > 1)
    fail(Code::kUnsupported, "more than one axis is not supported");
  return {fn(x, call["axis"].is_array() ? call.axes().at(0) : call.axis())};
}

template <Value (*fn)(Value, int), int for_nan>
Values running(const OpCall& call) {
  const Value given = call.value();
  Value x = widened(given);
  if (for_nan >= 0) x = where(is_number(x), x, double(for_nan));
  const DType dtype = call.dtype(given.dtype() == DType::kBool ? DType::kInt32 : given.dtype());
  return {cast(call.is_null("axis") ? fn(flat(x), 0) : fn(x, call.axis()), dtype)};
}

Value product_so_far(Value x, int axis) {
  axis = normalize_axis(axis, x.rank());
  const std::int64_t n = x.shape()[std::size_t(axis)];
  require(n != kUnknown, "axis ", axis, " must be known");
  Values products;
  for (std::int64_t i = 0; i < n; ++i) {
    const Value part = slice(x, axis, i, i + 1);
    products.push_back(i == 0 ? part : products.back() * part);
  }
  return concatenate(products, axis);
}

// Parameters that many take.
constexpr const char* kOverAxes = "x; axis: list of int? = null; keepdims: bool = false";
constexpr const char* kOfExtreme =
    "x; axis: list of int? = null; keepdims: bool = false; initial: float? = null";
constexpr const char* kPlace = "x; axis: int? = null; keepdims: bool = false";
constexpr const char* kRunning = "x; axis: int? = null; dtype: string? = null";
constexpr const char* kAlongAxis = "x; axis: int = -1";

constexpr OpRow kRows[] = {
    {"sum", "numpy.Sum", kOverAxes, "Sum over axes; null: all.", totalled<sum>},
    {"prod", "numpy.Prod",
     "x; axis: list of int? = null; keepdims: bool = false; dtype: string? = null",
     "Product over axes; null: all.", totalled<prod>},
    {"mean", "numpy.Mean", kOverAxes, "Mean over axes; null: all.", in_float32<mean>},
    {"average", "numpy.Average", "x, weights = null; axis: list of int? = null",
     "Weighted mean over axes; null: all.", average},
    {"max", "numpy.Max", kOfExtreme, "Largest over axes; null: all.", extreme<max, maximum>},
    {"min", "numpy.Min", kOfExtreme, "Smallest over axes; null: all.", extreme<min, minimum>},
    {"amax", "numpy.Amax", kOverAxes, "Largest over axes; null: all.", kept<max>},
    {"amin", "numpy.Amin", kOverAxes, "Smallest over axes; null: all.", kept<min>},
    {"ptp", "numpy.Ptp", kOverAxes, "Largest less smallest over axes; null: all.", kept<range>},
    {"var", "numpy.Var", kOverAxes, "Biased variance over axes; null: all.", in_float32<variance>},
    {"std", "numpy.Std", kOverAxes, "Square root of the biased variance over axes; null: all.",
     in_float32<deviation>},
    {"moments", "nn.Moments",
     "x; axes: list of int; keepdims: bool = false; synchronized: bool = false",
     "Mean and biased variance over axes.", both_moments},
    {"logsumexp", "math.Logsumexp", kOverAxes, "log(sum(exp(x))) over axes; null: all.",
     in_float32<logsumexp>},
    {"any", "numpy.Any", kOverAxes, "Whether one is not 0.", quantified<max>},
    {"all", "numpy.All", kOverAxes, "Whether none is 0.", quantified<min>},
    {"count_nonzero", "numpy.CountNonzero", "x; axis: list of int? = null",
     "How many are not 0; int32.", count_nonzero},
    {"size", "numpy.Size", "x", "How many elements there are; int32.", element_count_of},
    {"ndim", "numpy.Ndim", "x", "How many axes there are; int32.", axis_count_of},
    {"nansum", "numpy.Nansum", kOverAxes, "Sum of the numbers.", totalled<nan_sum>},
    {"nanprod", "numpy.Nanprod", kOverAxes, "Product of the numbers.", totalled<nan_prod>},
    {"nanmean", "numpy.Nanmean", kOverAxes, "Mean of the numbers.", in_float32<nan_mean>},
    {"nanvar", "numpy.Nanvar", kOverAxes, "Biased variance of the numbers.",
     in_float32<nan_variance>},
    {"nanstd", "numpy.Nanstd", kOverAxes, "Square root of the biased variance of the numbers.",
     in_float32<nan_deviation>},
    {"nanmax", "numpy.Nanmax", kOverAxes, "Largest of the numbers.", kept<nan_extreme<max, 1>>},
    {"nanmin", "numpy.Nanmin", kOverAxes, "Smallest of the numbers.", kept<nan_extreme<min, -1>>},
    {"argmax", "numpy.Argmax", kPlace, "Index of the first largest along an axis; int32.",
     place_of_extreme<1, false>},
    {"argmin", "numpy.Argmin", kPlace, "Index of the first smallest along an axis; int32.",
     place_of_extreme<-1, false>},
    {"nanargmax", "numpy.Nanargmax", kPlace, "Index of the first largest number; int32.",
     place_of_extreme<1, true>},
    {"nanargmin", "numpy.Nanargmin", kPlace, "Index of the first smallest number; int32.",
     place_of_extreme<-1, true>},
    {"cumsum", "numpy.Cumsum", kRunning, "Sums so far along an axis.", running<cumsum, -1>},
    {"cumprod", "numpy.Cumprod", kRunning, "Products so far along an axis.",
     running<product_so_far, -1>},
    {"nancumsum", "numpy.Nancumsum", kRunning, "Sums so far of the numbers.", running<cumsum, 0>},
    {"nancumprod", "numpy.Nancumprod", kRunning, "Products so far of the numbers.",
     running<product_so_far, 1>},
    {"softmax", "nn.Softmax", kAlongAxis, "exp(x) / sum(exp(x)) along an axis.",
     along_axis<softmax>},
    {"log_softmax", "nn.LogSoftmax", kAlongAxis, "Logarithm of softmax along an axis.",
     along_axis<log_softmax>},
    {"sparsemax", "nn.Sparsemax", kAlongAxis, "Nearest point of the simplex.",
     along_axis<sparsemax>},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
