#include "ops/linalg.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "kernels/linalg.h"
#include "ops/elementwise.h"
#include "ops/eye.h"
#include "ops/matmul.h"
#include "ops/matrix_op.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

constexpr std::size_t kReal = sizeof(double), kPlace = sizeof(std::int32_t);

Value apply(std::shared_ptr<const Op> op, std::vector<Value> inputs) {
  Graph& graph = inputs[0].graph();
  return graph.apply(std::move(op), std::move(inputs))[0];
}

// A scalar for each matrix, to be multiplied with it.
Value for_matrix(Value x) { return expand_dims(expand_dims(x, -1), -1); }

class TriangleOp : public MatrixOp {
 public:
  TriangleOp(bool lower, std::int64_t k) : MatrixOp("triangle"), lower_(lower), k_(k) {}
  std::vector<Value> gradient(const Node&, std::span<const Value> d_out) const override {
    return {triangle(d_out[0], lower_, k_)};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    return {{{in[0][0], in[0][1]}}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const std::int64_t columns = in[0][1], size = in[0][0] * columns;
    const auto run = [=, lower = lower_, k = k_](const MatrixCall& call) {
      const auto with = [&](auto type) {
        using T = decltype(type);
        const T* x = static_cast<const T*>(call.in[0]);
        for (std::int64_t i = 0; i < size; ++i) {
          const std::int64_t right = i % columns - i / columns;
          static_cast<T*>(call.out[0])[i] = (lower ? right <= k : right >= k) ? x[i] : T(0);
        }
      };
      call.is_double ? with(double{}) : with(float{});
    };
    return {run, 0};
  }

 private:
  bool lower_;
  std::int64_t k_;
};

class CholeskyOp : public MatrixOp {
 public:
  CholeskyOp() : MatrixOp("cholesky") {}
  // I. Murray, Differentiation of the Cholesky decomposition, 2016.
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value l = Value{const_cast<Node*>(&node), 0}, m = matmul(l, d_out[0], true, false);
    const Value half = 0.5 * (triangle(m, true) + triangle(m, true, -1));
    const Value left = solve_triangular(l, half, true, true);
    return {transposed(solve_triangular(l, transposed(left), true, true))};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    require_square(in[0]);
    return {{{in[0][0], in[0][1]}}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const std::int64_t n = in[0][0];
    const auto run = [n](const MatrixCall& call) {
      auto* a = static_cast<double*>(call.scratch);
      call.load(0, a);
      if (!kernels::cholesky(n, a))
        for (std::int64_t i = 0; i < n * n; ++i) a[i] = i % n <= i / n ? NAN : 0;
      call.store(0, a);
    };
    return {run, std::size_t(n * n) * kReal};
  }
};

// (a, b) -> op(a)^-1 b
class SolvingOp : public MatrixOp {
 public:
  using MatrixOp::MatrixOp;

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    require_square(in[0]);
    require(compatible({in[0][0]}, {in[1][0]}), "the right side has ", in[1][0], " rows, expected ",
            in[0][0]);
    return {{{in[1][0], in[1][1]}}};
  }
  // Gradients by both, of x = op(a)^-1 b.
  static std::pair<Value, Value> gradients_of(const Node& node, Value d_b, bool transpose_a) {
    const Value x{const_cast<Node*>(&node), 0};
    const Value d_a = -(transpose_a ? matmul(x, d_b, false, true) : matmul(d_b, x, false, true));
    return {d_a, sum_to_like(d_b, node.inputs[1])};
  }
};

class SolveOp : public SolvingOp {
 public:
  explicit SolveOp(bool transpose_a) : SolvingOp("solve"), transpose_a_(transpose_a) {}
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value a = node.inputs[0];
    const auto [d_a, d_b] = gradients_of(node, solve(a, d_out[0], !transpose_a_), transpose_a_);
    return {sum_to_like(d_a, a), d_b};
  }

 protected:
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const std::int64_t n = in[0][0], k = in[1][1];
    const auto run = [=, transposed = transpose_a_](const MatrixCall& call) {
      auto* a = static_cast<double*>(call.scratch);
      double* b = a + n * n;
      auto* pivots = reinterpret_cast<std::int32_t*>(b + n * k);
      call.load(0, a);
      call.load(1, b);
      kernels::lu(n, n, a, pivots);
      kernels::solve_lu(n, k, transposed, a, pivots, b);
      call.store(0, b);
    };
    return {run, std::size_t(n * n + n * k) * kReal + std::size_t(n) * kPlace};
  }

 private:
  bool transpose_a_;
};

class SolveTriangularOp : public SolvingOp {
 public:
  explicit SolveTriangularOp(kernels::Triangle form) : SolvingOp("solve_triangular"), form_(form) {}
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value a = node.inputs[0];
    const auto [d_a, d_b] = gradients_of(
        node, solve_triangular(a, d_out[0], form_.lower, !form_.transposed, form_.unit),
        form_.transposed);
    const std::int64_t k = !form_.unit ? 0 : form_.lower ? -1 : 1;
    return {sum_to_like(triangle(d_a, form_.lower, k), a), d_b};
  }

 protected:
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const std::int64_t n = in[0][0], k = in[1][1];
    const auto run = [=, form = form_](const MatrixCall& call) {
      auto* a = static_cast<double*>(call.scratch);
      double* b = a + n * n;
      call.load(0, a);
      call.load(1, b);
      kernels::solve_triangular(form, n, k, a, b);
      call.store(0, b);
    };
    return {run, std::size_t(n * n + n * k) * kReal};
  }

 private:
  kernels::Triangle form_;
};

// Determinant, or (sign, log of the magnitude).
class DeterminantOp : public MatrixOp {
 public:
  explicit DeterminantOp(bool is_log) : MatrixOp(is_log ? "slogdet" : "det"), is_log_(is_log) {}
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value x = node.inputs[0];
    if (!is_log_) return {for_matrix(d_out[0]) * cofactors(x)};
    if (!d_out[1]) return {Value{}};
    return {for_matrix(d_out[1]) * solve(x, eye_like(x), true)};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    require_square(in[0]);
    return std::vector<Result>(is_log_ ? 2 : 1);
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const std::int64_t n = in[0][0];
    const auto run = [n, is_log = is_log_](const MatrixCall& call) {
      auto* a = static_cast<double*>(call.scratch);
      auto* pivots = reinterpret_cast<std::int32_t*>(a + n * n);
      call.load(0, a);
      kernels::lu(n, n, a, pivots);
      double sign = kernels::sign_of(n, pivots), product = sign, log = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        const double u = a[i * n + i];
        product *= u;
        log += std::log(std::abs(u));
        sign *= u > 0 ? 1 : u < 0 ? -1 : u;
      }
      call.store(0, is_log ? &sign : &product);
      if (is_log) call.store(1, &log);
    };
    return {run, std::size_t(n * n) * kReal + std::size_t(n) * kPlace};
  }

 private:
  bool is_log_;
};

class CofactorsOp : public MatrixOp {
 public:
  CofactorsOp() : MatrixOp("cofactors") {}
  bool differentiable() const override { return false; }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    require_square(in[0]);
    return {{{in[0][0], in[0][1]}}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const std::int64_t n = in[0][0];
    const auto run = [n](const MatrixCall& call) {
      auto* a = static_cast<double*>(call.scratch);
      double *out = a + n * n, *more = out + n * n;
      call.load(0, a);
      kernels::cofactors(n, a, out, reinterpret_cast<std::int32_t*>(more + n), more);
      call.store(0, out);
    };
    return {run, std::size_t(2 * n * n + n) * kReal + std::size_t(2 * n) * kPlace};
  }
};

class LuOp : public MatrixOp {
 public:
  LuOp() : MatrixOp("lu_factor") {}
  // d(LU) = L tril(D, -1) + triu(D) U with D = L^-1 P dx U^-1, where L and U are made square by
  // rows and columns of the unit matrix.
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    if (!d_out[0]) return {Value{}};
    const Value lu{const_cast<Node*>(&node), 0}, places{const_cast<Node*>(&node), 2}, d = d_out[0];
    const std::int64_t m = lu.shape()[lu.rank() - 2], n = lu.shape().back();
    // The first columns of the lower triangle, the first rows of the upper one, as squares.
    const auto square = [&](Value part, int axis, std::int64_t have, std::int64_t want) {
      if (have >= want) return slice(part, axis, 0, want);
      const Value unit = part.graph().constant(Tensor(part.dtype(), {want, want}));
      const Value rest = slice(eye_like(unit), axis, have, want);
      return concatenate({part, zeros_like(slice(part, axis, 0, 1)) + rest}, axis);
    };
    const Value l = square(lu, -1, n, m), u = square(triangle(lu, false), -2, m, n);
    const Value unit_l = triangle(l, true, -1) + eye_like(l);
    const Value s = triangle(matmul(unit_l, d, true, false), true, -1) +
                    triangle(matmul(d, u, false, true), false);
    const Value left = solve_triangular(l, s, true, true, true);
    const Value inner = transposed(solve_triangular(u, transposed(left), false, false));
    const Value order = one_hot(places, m, lu.dtype());
    return {matmul(order, inner, true, false)};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    const auto [m, n] = in[0];
    require(m != kUnknown && n != kUnknown, "expected matrices of known extents");
    return {{{m, n}}, {{std::min(m, n)}, true}, {{m}, true}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const auto run = [m = in[0][0], n = in[0][1]](const MatrixCall& call) {
      auto* a = static_cast<double*>(call.scratch);
      auto *pivots = static_cast<std::int32_t*>(call.out[1]),
           *places = static_cast<std::int32_t*>(call.out[2]);
      call.load(0, a);
      kernels::lu(m, n, a, pivots);
      call.store(0, a);
      std::iota(places, places + m, 0);
      for (std::int64_t i = 0; i < std::min(m, n); ++i) std::swap(places[i], places[pivots[i]]);
    };
    return {run, std::size_t(in[0][0] * in[0][1]) * kReal};
  }
};

}  // namespace

Value transposed(Value x) {
  require_matrices(x.shape());
  std::vector<int> order(x.rank());
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[order.size() - 2], order.back());
  return transpose(x, order);
}

Value symmetrized(Value x) {
  const Value other = transposed(x);
  require_square({x.shape()[x.rank() - 2], x.shape().back()});
  return 0.5 * (x + other);
}

Value triangle(Value x, bool lower, std::int64_t k) {
  return apply(std::make_shared<TriangleOp>(lower, k), {x});
}

Value diagonal_matrix(Value x) {
  const Value rows = expand_dims(x, -2);
  return rows * eye_like(rows + expand_dims(x, -1));
}

Value cholesky(Value x) { return apply(std::make_shared<CholeskyOp>(), {symmetrized(x)}); }

Value solve(Value a, Value b, bool transpose_a) {
  return apply(std::make_shared<SolveOp>(transpose_a), {a, b});
}

Value solve_triangular(Value a, Value b, bool lower, bool transpose_a, bool unit) {
  return apply(std::make_shared<SolveTriangularOp>(kernels::Triangle{lower, transpose_a, unit}),
               {a, b});
}

Value inverse(Value x) {
  require_matrices(x.shape());
  return solve(x, eye_like(x));
}

Value det(Value x) { return apply(std::make_shared<DeterminantOp>(false), {x}); }
Value cofactors(Value x) { return apply(std::make_shared<CofactorsOp>(), {x}); }

std::pair<Value, Value> slogdet(Value x) {
  const auto out = x.graph().apply(std::make_shared<DeterminantOp>(true), {x});
  return {out[0], out[1]};
}

Lu lu_factor(Value x) {
  const auto out = x.graph().apply(std::make_shared<LuOp>(), {x});
  return {out[0], out[1], out[2]};
}

Value power_norm(Value x, double order, const std::vector<int>& axes, bool keepdims) {
  if (order == 1) return sum(abs(x), axes, keepdims);
  if (order == 2) return sqrt(sum(square(x), axes, keepdims));
  return power(sum(power(abs(x), order), axes, keepdims), 1 / order);
}

}  // namespace keratin::ops
