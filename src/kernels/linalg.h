// Factorizations of dense matrices, row-major, in double: for matrices of some hundred rows at
// most. None allocates. Conventions (signs, order of pivots) are LAPACK's.
#pragma once

#include <cstdint>

namespace keratin::kernels {

// A = L L^T of the symmetric matrix whose lower half stands in a[n, n]: L takes its place, 0 above.
// False if A is not positive definite.
bool cholesky(std::int64_t n, double* a);

// P A = L U with partial pivoting, in place of a[m, n]: L has ones on its diagonal, which are not
// stored. Row i was exchanged with row pivots[i], for i = 0 .. min(m, n) - 1.
void lu(std::int64_t m, std::int64_t n, double* a, std::int32_t* pivots);
// 1 or -1: the determinant of P.
double sign_of(std::int64_t count, const std::int32_t* pivots);

struct Triangle {
  bool lower = false, transposed = false, unit = false;  // unit: ones on the diagonal
};
// op(T) X = B of the triangle in t[n, n]: X takes the place of b[n, k].
void solve_triangular(Triangle triangle, std::int64_t n, std::int64_t k, const double* t,
                      double* b);
// A X = B, or A^T X = B, by what lu() made of a[n, n].
void solve_lu(std::int64_t n, std::int64_t k, bool transposed, const double* lu,
              const std::int32_t* pivots, double* b);

// The matrix of cofactors, det(A) A^-T, also of singular matrices. Destroys a[n, n]; scratch: n
// numbers, and 2 n integers.
void cofactors(std::int64_t n, double* a, double* out, std::int32_t* order, double* scratch);

// A = Q R by Householder's reflections: R in the upper triangle of a[m, n], below it the vectors.
// tau: min(m, n) numbers; scratch: n.
void qr(std::int64_t m, std::int64_t n, double* a, double* tau, double* scratch);
// The first columns q[m, columns] of Q, from what qr() left. scratch: `columns` numbers.
void make_q(std::int64_t m, std::int64_t n, std::int64_t columns, const double* a,
            const double* tau, double* q, double* scratch);

}  // namespace keratin::kernels
