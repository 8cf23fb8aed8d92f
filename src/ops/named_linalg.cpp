// Linear algebra.
#include <cmath>
#include <limits>
#include <optional>

#include "core/error.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/eye.h"
#include "ops/linalg.h"
#include "ops/matmul.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/shape.h"
#include "ops/stack.h"

namespace keratin::ops {
namespace {

template <Value (*fn)(Value)>
Values of_matrices(const OpCall& call) {
  return {fn(call.floating())};
}

// Both in one floating dtype.
std::pair<Value, Value> floating_pair(const OpCall& call) {
  const auto [a, b] = call.pair();
  return {to_floating(a), to_floating(b)};
}

Values cholesky_named(const OpCall& call) {
  const Value l = cholesky(call.floating());
  return {call.flag("upper") ? transposed(l) : l};
}

// As Keras has it: of the factor that stands in a triangle of x.
Values cholesky_inverse(const OpCall& call) {
  const Value x = call.floating();
  const bool upper = call.flag("upper");
  const Value inverse = solve_triangular(x, eye_like(x), !upper);
  return {matmul(inverse, inverse, !upper, upper)};
}

// The right side may be vectors.
template <class Fn>
Values solved(const OpCall& call, Fn&& fn) {
  const auto [a, b] = floating_pair(call);
  if (b.rank() != 1 && b.rank() + 1 != a.rank()) return {fn(a, b)};
  return {squeeze(fn(a, expand_dims(b, -1)), -1)};
}

Values solve_named(const OpCall& call) {
  return solved(call, [](Value a, Value b) { return solve(a, b); });
}
Values solve_triangular_named(const OpCall& call) {
  const bool lower = call.flag("lower");
  return solved(call, [=](Value a, Value b) { return solve_triangular(a, b, lower); });
}

std::optional<double> cutoff_of(const OpCall& call) {
  if (call.is_null("rcond")) return {};
  return call.number("rcond");
}

Values lstsq(const OpCall& call) {
  auto [a, b] = floating_pair(call);
  require(a.rank() == 2 && (b.rank() == 1 || b.rank() == 2) &&
              compatible({a.shape()[0]}, {b.shape()[0]}),
          "expected a of shape (m, n) and b of shape (m,) or (m, k), got ", to_string(a.shape()),
          " and ", to_string(b.shape()));
  std::optional<double> cutoff = cutoff_of(call);
  if (cutoff && *cutoff < 0) cutoff = std::numeric_limits<float>::epsilon();
  const Value inverse = pseudoinverse(a, cutoff, true);
  if (b.rank() == 2) return {matmul(inverse, b)};
  return {squeeze(matmul(inverse, expand_dims(b, 1)), 1)};
}

Values pinv(const OpCall& call) { return {pseudoinverse(call.floating(), cutoff_of(call))}; }

Values matrix_rank(const OpCall& call) {
  const Value x = call.floating(), s = singular_values(x);
  if (!call.is_null("tol")) return {cast(sum(greater(s, call.number("tol")), {-1}), DType::kInt32)};
  const double epsilon = x.dtype() == DType::kFloat64 ? std::numeric_limits<double>::epsilon()
                                                      : std::numeric_limits<float>::epsilon();
  const Value extent = maximum(count(x, {-2}), count(x, {-1}));
  return {cast(sum(greater(s, max(s, {-1}, true) * extent * epsilon), {-1}), DType::kInt32)};
}

Values slogdet_named(const OpCall& call) {
  const auto [sign, log] = slogdet(call.floating());
  return {sign, log};
}
Values logdet(const OpCall& call) { return {slogdet(call.floating()).second}; }

Values lu_named(const OpCall& call) {
  const Lu lu = lu_factor(call.floating());
  return {lu.lu, lu.pivots};
}

Values qr_named(const OpCall& call) {
  const std::string mode = call.text("mode");
  require(mode == "reduced" || mode == "complete", "mode: expected 'reduced' or 'complete', got '",
          mode, "'");
  const auto [q, r] = qr(call.floating(), mode == "complete");
  return {q, r};
}

Values eigh_named(const OpCall& call) {
  const auto [w, v] = eigh(call.floating());
  return {w, v};
}

Values svd_named(const OpCall& call) {
  if (!call.flag("compute_uv")) return {singular_values(call.floating())};
  const Svd of = svd(call.floating(), call.flag("full_matrices"));
  return {of.u, of.s, of.vt};
}

// Which of the norms. Infinity may be spelt.
double order_of(const Json& ord) {
  if (ord.is_number()) return ord.get<double>();
  if (ord == "inf" || ord == "-inf") return ord == "inf" ? HUGE_VAL : -HUGE_VAL;
  fail(Code::kInvalidArgument, "ord: expected a number, got ", ord.dump());
}

Value vector_norm(Value x, double order, const std::vector<int>& axes, bool keepdims) {
  if (std::isinf(order))
    return order > 0 ? max(abs(x), axes, keepdims) : min(abs(x), axes, keepdims);
  if (order == 0) return sum(not_equal(x, 0.0 * x), axes, keepdims);
  return power_norm(x, order, axes, keepdims);
}

// Over the last two axes, which stay with an extent of 1.
Value matrix_norm(Value x, const Json& ord) {
  if (ord.is_null() || ord == "fro") return power_norm(x, 2, {-2, -1}, true);
  const auto of_singular_values = [&](Value (*fn)(Value, std::vector<int>, bool)) {
    return expand_dims(fn(singular_values(x), {-1}, true), -1);
  };
  if (ord == "nuc") return of_singular_values(sum);
  const double order = order_of(ord);
  const auto extreme = order > 0 ? max : min;
  if (std::abs(order) == 2) return of_singular_values(extreme);
  require(std::abs(order) == 1 || std::isinf(order),
          "ord: expected null, 'fro', 'nuc', 1, 2 or Infinity, or less than 0, for matrices, got ",
          ord.dump());
  // Sums along one axis, the extreme of them along the other.
  const int along = std::isinf(order) ? -1 : -2;
  return extreme(sum(abs(x), {along}, true), {-3 - along}, true);
}

Values norm(const OpCall& call) {
  const Value x = call.floating();
  const bool keepdims = call.flag("keepdims");
  const Json& ord = call["ord"];
  std::vector<int> axes = call.axes();
  if (axes.empty() && ord.is_null()) return {power_norm(x, 2, {}, keepdims)};
  if (axes.empty())
    for (std::size_t i = 0; i < x.rank(); ++i) axes.push_back(int(i));
  if (axes.size() == 1) return {vector_norm(x, ord.is_null() ? 2 : order_of(ord), axes, keepdims)};
  require(axes.size() == 2, "axis: expected one axis, or two of matrices, got ", axes.size());
  const int rows = normalize_axis(axes[0], x.rank()), columns = normalize_axis(axes[1], x.rank());
  require(rows != columns, "axis: expected two different axes, got ", rows, " twice");
  std::vector<int> order, back(x.rank());
  for (int i = 0; i < int(x.rank()); ++i)
    if (i != rows && i != columns) order.push_back(i);
  order.push_back(rows), order.push_back(columns);
  for (int i = 0; i < int(x.rank()); ++i) back[std::size_t(order[std::size_t(i)])] = i;
  const Value y = matrix_norm(transpose(x, order), ord);
  if (keepdims) return {transpose(y, back)};
  return {squeeze(squeeze(y, -1), -1)};
}

Values cdist(const OpCall& call) {
  const auto [a, b] = floating_pair(call);
  require(a.rank() >= 2 && b.rank() >= 2 && compatible({a.shape().back()}, {b.shape().back()}),
          "expected x of shape (..., m, d) and y of shape (..., n, d), got ", to_string(a.shape()),
          " and ", to_string(b.shape()));
  return {sqrt(sum(square(expand_dims(a, -2) - expand_dims(b, -3)), {-1}))};
}

// Of the rows.
Values corrcoef(const OpCall& call) {
  const Value x = call.floating();
  require(x.rank() == 2, "expected shape (variables, observations), got ", to_string(x.shape()));
  const Value apart = x - mean(x, {1}, true);
  const Value unit = apart / sqrt(sum(square(apart), {1}, true));
  return {clip(matmul(unit, unit, false, true), -1, 1)};
}

Values correlate(const OpCall& call) {
  auto [a, b] = floating_pair(call);
  require(a.rank() == 1 && b.rank() == 1, "expected two vectors, got shapes ", to_string(a.shape()),
          " and ", to_string(b.shape()));
  std::int64_t n = known_extent(a, 0), m = known_extent(b, 0);
  const std::string mode = call.text("mode");
  require(mode == "valid" || mode == "same" || mode == "full",
          "mode: expected 'valid', 'same' or 'full', got '", mode, "'");
  const bool turned = n < m;
  if (turned) std::swap(a, b), std::swap(n, m);
  if (mode == "full") a = zero_pad(a, 0, m - 1, m - 1);
  if (mode == "same") a = zero_pad(a, 0, m / 2, m - m / 2 - 1);
  const Value y =
      conv(reshape(a, {1, a.shape()[0], 1}), reshape(b, {m, 1, 1}), {1}, {1}, Padding::kValid);
  const Value line = reshape(y, {y.shape()[1]});
  return {turned ? flip(line, 0) : line};
}

Value no_imaginary_part(Value x) { return cast(zeros_like(widened(x)), x.dtype()); }

Values imag(const OpCall& call) { return {no_imaginary_part(call.value())}; }
Values view_as_real(const OpCall& call) {
  const Value x = call.value();
  return {stack({x, no_imaginary_part(x)}, -1)};
}
Values angle(const OpCall& call) {
  const Value x = call.floating();
  return {atan2(zeros_like(x), x)};
}

constexpr OpRow kRows[] = {
    {"cholesky", "linalg.Cholesky", "x; upper: bool = false",
     "Triangle L of x = L L^T; its transpose if `upper`.", cholesky_named},
    {"cholesky_inverse", "linalg.CholeskyInverse", "x; upper: bool = false",
     "Inverse of the matrix whose Cholesky factor is x.", cholesky_inverse},
    {"det", "linalg.Det", "x", "Determinant.", of_matrices<det>},
    {"slogdet", "numpy.Slogdet", "x", "Sign of the determinant, logarithm of its magnitude.",
     slogdet_named},
    {"logdet", "math.Logdet", "x", "Logarithm of the determinant's magnitude.", logdet},
    {"inv", "linalg.Inv", "x", "Inverse.", of_matrices<inverse>},
    {"pinv", "linalg.Pinv", "x; rcond: float? = null", "Pseudoinverse.", pinv},
    {"solve", "linalg.Solve", "a, b", "x of a x = b.", solve_named},
    {"solve_triangular", "linalg.SolveTriangular", "a, b; lower: bool = false",
     "x of a x = b, by a triangle of a.", solve_triangular_named},
    {"lstsq", "linalg.Lstsq", "a, b; rcond: float? = null", "The x nearest to a x = b.", lstsq},
    {"matrix_rank", "linalg.MatrixRank", "x; tol: float? = null",
     "Number of singular values that are not 0.", matrix_rank},
    {"lu_factor", "linalg.LuFactor", "x", "Triangles L and U in one matrix, and pivots.", lu_named},
    {"qr", "linalg.Qr", "x; mode: string = \"reduced\"", "Orthogonal q and triangular r.",
     qr_named},
    {"eigh", "linalg.Eigh", "x", "Eigenvalues and eigenvectors of symmetric matrices.", eigh_named},
    {"svd", "linalg.SVD", "x; full_matrices: bool = true; compute_uv: bool = true",
     "Singular values and vectors: u, s, v transposed.", svd_named},
    {"norm", "linalg.Norm", "x; ord: any = null; axis: list of int? = null; keepdims: bool = false",
     "Norm of vectors or matrices.", norm},
    {"cdist", "math.CDist", "x, y", "Distances of each vector to each.", cdist},
    {"corrcoef", "numpy.Corrcoef", "x", "Correlations of the rows.", corrcoef},
    {"correlate", "numpy.Correlate", "x1, x2; mode: string = \"valid\"",
     "Products of two vectors, one of them moved along the other.", correlate},
    {"imag", "numpy.Imag", "x", "0: there are no complex numbers.", imag},
    {"view_as_real", "math.ViewAsReal", "x", "x and 0, along a new last axis.", view_as_real},
    {"angle", "numpy.Angle", "x", "0, or pi for numbers below 0.", angle},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
