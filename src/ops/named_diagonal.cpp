// Diagonals and triangles of matrices.
#include <algorithm>

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/linalg.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// A matrix of 0 and 1 over the last two axes.
template <class Fn>
Value mask_of(Value x, Fn&& is_one) {
  require(x.rank() >= 2, "expected at least two axes");
  const std::int64_t rows = known_extent(x, -2), columns = known_extent(x, -1);
  Tensor mask(DType::kFloat64, {rows, columns});
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < columns; ++k)
      mask.data<double>()[i * columns + k] = is_one(i, k) ? 1 : 0;
  const DType dtype = widened(x).dtype();
  return x.graph().constant(mask.as(dtype));
}

template <bool lower>
Values triangle(const OpCall& call) {
  const std::int64_t k = call.integer("k");
  const Value x = call.value();
  return {cast(ops::triangle(widened(x), lower, k), x.dtype())};
}

// The diagonal of the last two axes, as the last axis.
Value diagonal_of(Value x, std::int64_t offset) {
  const std::int64_t rows = known_extent(x, -2), columns = known_extent(x, -1);
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < rows; ++i)
    if (i + offset >= 0 && i + offset < columns)
      places.push_back(std::int32_t(i * columns + i + offset));
  Shape flat(x.shape().begin(), x.shape().end() - 2);
  flat.push_back(rows * columns);
  return pick(reshape(x, flat), -1, places);
}

Value diagonal_of(const OpCall& call) {
  const Value x = call.value();
  return diagonal_of(move_axes(x, {call.axis("axis1"), call.axis("axis2")}, {-2, -1}),
                     call.integer("offset"));
}
Values diagonal(const OpCall& call) { return {diagonal_of(call)}; }
Values trace(const OpCall& call) {
  const Value x = diagonal_of(call);
  const DType dtype = x.dtype() == DType::kBool ? DType::kInt32 : x.dtype();
  return {cast(sum(widened(x), {-1}), dtype)};
}

Value matrix_of_diagonal(Value x, std::int64_t offset) {
  const std::int64_t n = known_extent(x, 0), size = n + std::abs(offset);
  const Value wide = widened(x);
  Value rows = reshape(wide, {n, 1});
  rows = zero_pad(rows, 0, std::max<std::int64_t>(0, -offset), std::max<std::int64_t>(0, offset));
  const Value mask = mask_of(rows + rows.graph().constant(Tensor(rows.dtype(), {size, size})),
                             [offset](std::int64_t i, std::int64_t k) { return k - i == offset; });
  return cast(mask * rows, x.dtype());
}

Values diag(const OpCall& call) {
  const Value x = call.value();
  return {x.rank() == 1 ? matrix_of_diagonal(x, call.integer("k"))
                        : diagonal_of(x, call.integer("k"))};
}
Values diagflat(const OpCall& call) {
  return {matrix_of_diagonal(reshape(call.value(), {element_count(call.value().shape())}),
                             call.integer("k"))};
}

constexpr OpRow kRows[] = {
    {"tril", "numpy.Tril", "x; k: int = 0", "0 above a diagonal.", triangle<true>},
    {"triu", "numpy.Triu", "x; k: int = 0", "0 below a diagonal.", triangle<false>},
    {"diagonal", "numpy.Diagonal", "x; offset: int = 0; axis1: int = 0; axis2: int = 1",
     "The diagonal of two axes.", diagonal},
    {"trace", "numpy.Trace", "x; offset: int = 0; axis1: int = 0; axis2: int = 1",
     "Sum of the diagonal of two axes.", trace},
    {"diag", "numpy.Diag", "x; k: int = 0", "A matrix with this diagonal, or its diagonal.", diag},
    {"diagflat", "numpy.Diagflat", "x; k: int = 0", "A matrix with these on its diagonal.",
     diagflat},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
