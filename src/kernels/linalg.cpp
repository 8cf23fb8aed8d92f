#include "kernels/linalg.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace keratin::kernels {
namespace {

void subtract_row(std::int64_t n, double factor, const double* from, double* to) {
  for (std::int64_t i = 0; i < n; ++i) to[i] -= factor * from[i];
}

void swap_rows(std::int64_t n, double* a, std::int64_t i, std::int64_t k) {
  if (i != k) std::swap_ranges(a + i * n, a + (i + 1) * n, a + k * n);
}

// Rows below `step` less their share of it.
void eliminate(std::int64_t m, std::int64_t n, double* a, std::int64_t step) {
  const double* pivot = a + step * n;
  if (pivot[step] == 0) return;
  for (std::int64_t i = step + 1; i < m; ++i) {
    double* row = a + i * n;
    row[step] /= pivot[step];
    subtract_row(n - step - 1, row[step], pivot + step + 1, row + step + 1);
  }
}

// columns of c[m, columns] from row j on, less tau v v^T of them; v stands below a[j, j].
void reflect(std::int64_t m, std::int64_t n, const double* a, std::int64_t j, double tau, double* c,
             std::int64_t stride, std::int64_t columns, double* sums) {
  std::copy_n(c + j * stride, columns, sums);
  for (std::int64_t i = j + 1; i < m; ++i)
    subtract_row(columns, -a[i * n + j], c + i * stride, sums);
  subtract_row(columns, tau, sums, c + j * stride);
  for (std::int64_t i = j + 1; i < m; ++i)
    subtract_row(columns, tau * a[i * n + j], sums, c + i * stride);
}

}  // namespace

bool cholesky(std::int64_t n, double* a) {
  for (std::int64_t i = 0; i < n; ++i) {
    double* row = a + i * n;
    for (std::int64_t k = 0; k <= i; ++k) {
      const double* other = a + k * n;
      const double rest = row[k] - std::inner_product(row, row + k, other, 0.0);
      if (k == i && !(rest > 0)) return false;
      row[k] = k == i ? std::sqrt(rest) : rest / other[k];
    }
    std::fill(row + i + 1, row + n, 0.0);
  }
  return true;
}

void lu(std::int64_t m, std::int64_t n, double* a, std::int32_t* pivots) {
  for (std::int64_t step = 0; step < std::min(m, n); ++step) {
    std::int64_t best = step;
    for (std::int64_t i = step + 1; i < m; ++i)
      if (std::abs(a[i * n + step]) > std::abs(a[best * n + step])) best = i;
    pivots[step] = std::int32_t(best);
    swap_rows(n, a, step, best);
    eliminate(m, n, a, step);
  }
}

double sign_of(std::int64_t count, const std::int32_t* pivots) {
  double sign = 1;
  for (std::int64_t i = 0; i < count; ++i)
    if (pivots[i] != i) sign = -sign;
  return sign;
}

void solve_triangular(Triangle triangle, std::int64_t n, std::int64_t k, const double* t,
                      double* b) {
  const bool forwards = triangle.lower != triangle.transposed;
  for (std::int64_t step = 0; step < n; ++step) {
    const std::int64_t i = forwards ? step : n - 1 - step;
    const std::int64_t from = triangle.lower ? 0 : i + 1, to = triangle.lower ? i : n;
    const double* row = t + i * n;
    double* x = b + i * k;
    if (!triangle.transposed)
      for (std::int64_t p = from; p < to; ++p) subtract_row(k, row[p], b + p * k, x);
    if (!triangle.unit)
      for (std::int64_t c = 0; c < k; ++c) x[c] /= row[i];
    if (triangle.transposed)
      for (std::int64_t p = from; p < to; ++p) subtract_row(k, row[p], x, b + p * k);
  }
}

void solve_lu(std::int64_t n, std::int64_t k, bool transposed, const double* lu,
              const std::int32_t* pivots, double* b) {
  if (transposed) {
    solve_triangular({false, true, false}, n, k, lu, b);
    solve_triangular({true, true, true}, n, k, lu, b);
    for (std::int64_t i = n; i-- > 0;) swap_rows(k, b, i, pivots[i]);
  } else {
    for (std::int64_t i = 0; i < n; ++i) swap_rows(k, b, i, pivots[i]);
    solve_triangular({true, false, true}, n, k, lu, b);
    solve_triangular({false, false, false}, n, k, lu, b);
  }
}

// P A Q = L U with complete pivoting, so that what is missing of the rank is missing in the last
// rows of U. det(U) U^-1 is then made without dividing by U's last diagonal element.
void cofactors(std::int64_t n, double* a, double* out, std::int32_t* order, double* scratch) {
  std::int32_t *rows = order, *columns = order + n;
  std::iota(rows, rows + n, 0);
  std::iota(columns, columns + n, 0);
  double most = 1;  // the product of U's diagonal but for its last element, with the signs
  for (std::int64_t step = 0; step + 1 < n; ++step) {
    std::int64_t row = step, column = step;
    for (std::int64_t i = step; i < n; ++i)
      for (std::int64_t j = step; j < n; ++j)
        if (std::abs(a[i * n + j]) > std::abs(a[row * n + column])) row = i, column = j;
    swap_rows(n, a, step, row);
    std::swap(rows[step], rows[row]);
    for (std::int64_t i = 0; i < n; ++i) std::swap(a[i * n + step], a[i * n + column]);
    std::swap(columns[step], columns[column]);
    most *= (row != step) == (column != step) ? a[step * n + step] : -a[step * n + step];
    eliminate(n, n, a, step);
  }
  if (most == 0) return void(std::fill_n(out, n * n, 0.0));  // a rank of n - 2 or less
  const double last = a[n * n - 1];
  a[n * n - 1] = 1;
  for (std::int64_t c = 0; c < n; ++c) {  // a row of the cofactors is a column of det(A) A^-1
    std::fill_n(scratch, n, 0.0);
    scratch[c] = 1;
    solve_triangular({true, false, true}, n, 1, a, scratch);
    for (std::int64_t i = 0; i < n; ++i) scratch[i] *= i + 1 < n ? most * last : most;
    solve_triangular({false, false, false}, n, 1, a, scratch);
    for (std::int64_t i = 0; i < n; ++i) out[rows[c] * n + columns[i]] = scratch[i];
  }
}

void qr(std::int64_t m, std::int64_t n, double* a, double* tau, double* scratch) {
  for (std::int64_t j = 0; j < std::min(m, n); ++j) {
    double below = 0;
    for (std::int64_t i = j + 1; i < m; ++i) below += a[i * n + j] * a[i * n + j];
    double& head = a[j * n + j];
    tau[j] = 0;
    if (below == 0) continue;
    const double norm = std::copysign(std::sqrt(head * head + below), -head);
    tau[j] = (norm - head) / norm;
    for (std::int64_t i = j + 1; i < m; ++i) a[i * n + j] /= head - norm;
    head = norm;
    reflect(m, n, a, j, tau[j], a + j + 1, n, n - j - 1, scratch);
  }
}

void make_q(std::int64_t m, std::int64_t n, std::int64_t columns, const double* a,
            const double* tau, double* q, double* scratch) {
  for (std::int64_t i = 0; i < m * columns; ++i) q[i] = i % columns == i / columns ? 1 : 0;
  for (std::int64_t j = std::min(m, n); j-- > 0;)
    reflect(m, n, a, j, tau[j], q, columns, columns, scratch);
}

}  // namespace keratin::kernels
