// Linear algebra of the matrices of the last two axes, [..., m, n]; the axes before them are a
// batch. Float32 or float64; what does not go through LAPACK is computed in double.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace keratin::ops {

Value transposed(Value x);   // the last two axes exchanged
Value symmetrized(Value x);  // (x + x^T) / 2 of square matrices
// x on and beside a diagonal, else 0: column - row <= k, or (not lower) >= k.
Value triangle(Value x, bool lower, std::int64_t k = 0);
Value diagonal_matrix(Value x);  // [..., n] -> [..., n, n]

// L of L L^T = (x + x^T) / 2, 0 above; NaN instead if that is not positive definite.
Value cholesky(Value x);

// X of op(A) X = B, a [..., m, m], b [..., m, k]; batch axes broadcast.
Value solve(Value a, Value b, bool transpose_a = false);
// The same with the lower or upper triangle of a. unit: ones are taken for the diagonal.
Value solve_triangular(Value a, Value b, bool lower, bool transpose_a = false, bool unit = false);
Value inverse(Value x);

Value det(Value x);  // [..., m, m] -> [...]
// det(x) x^-T, also of singular matrices. No gradient.
Value cofactors(Value x);
// Sign and logarithm of the magnitude of the determinant; the sign has no gradient.
std::pair<Value, Value> slogdet(Value x);

// [..., m, n]: the upper triangle is U, below it stands L without its diagonal of ones, of
// P x = L U; pivots [..., min(m, n)]: the row that each was exchanged with; int32 places [..., m]:
// the rows of x in the order of P x.
struct Lu {
  Value lu, pivots, places;
};
Lu lu_factor(Value x);

// x = Q R: [..., m, k] and [..., k, n], k = min(m, n); complete: [..., m, m] and [..., m, n].
std::pair<Value, Value> qr(Value x, bool complete = false);

// Eigenvalues [..., n] from the smallest on and vectors (as columns) of (x + x^T) / 2. Through
// LAPACK: kUnsupported where it is not there, as for predictors, which may not wait.
std::pair<Value, Value> eigh(Value x);

// x = U diag(s) V^T. full: u [..., m, m], vt [..., n, n], without a gradient unless m = n. Through
// LAPACK, as eigh.
struct Svd {
  Value u, s, vt;
};
Svd svd(Value x, bool full = false);
Value singular_values(Value x);  // s alone
// The pseudoinverse [..., n, m]. Singular values count as 0 unless they are greater than `cutoff`
// times the largest; NumPy's rule where there is none. least_squares: by the rule of lstsq.
Value pseudoinverse(Value x, std::optional<double> cutoff = {}, bool least_squares = false);

// (sum |x|^order)^(1 / order) over axes, all if there are none.
Value power_norm(Value x, double order, const std::vector<int>& axes, bool keepdims);

}  // namespace keratin::ops
