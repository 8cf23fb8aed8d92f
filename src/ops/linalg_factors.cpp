// Orthogonal factors: QR, eigenvectors, singular vectors, and what rests on them.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "kernels/lapack.h"
#include "kernels/linalg.h"
#include "ops/elementwise.h"
#include "ops/eye.h"
#include "ops/linalg.h"
#include "ops/matmul.h"
#include "ops/matrix_op.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

Value result(const Node& node, int index) { return {const_cast<Node*>(&node), index}; }

// The sum of those that there are.
Value plus(Value a, Value b) { return !a ? b : !b ? a : a + b; }

// x diag(s)
Value scaled_columns(Value x, Value s) { return x * expand_dims(s, -2); }

class QrOp : public MatrixOp {
 public:
  explicit QrOp(bool complete) : MatrixOp("qr"), complete_(complete) {}

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value x = node.inputs[0], q = result(node, 0), r = result(node, 1);
    const std::int64_t m = q.shape()[q.rank() - 2], n = r.shape().back();
    const Value d_q = d_out[0] ? d_out[0] : zeros_like(q);
    const Value d_r = d_out[1] ? d_out[1] : zeros_like(r);
    if (m < n) {  // [x1 x2] = q [r1 r2]: r2 = q^T x2
      const Value d_r2 = slice(d_r, -1, m, n);
      const Value x2 = slice(x, -1, m, n);
      const Value d_x1 = thin_gradient(q, slice(r, -1, 0, m), d_q + matmul(x2, d_r2, false, true),
                                       slice(d_r, -1, 0, m));
      return {concatenate({d_x1, matmul(q, d_r2)}, -1)};
    }
    if (!complete_ || m == n) return {thin_gradient(q, r, d_q, d_r)};
    // D. Roberts, L. Roberts, QR and LQ decomposition matrix backpropagation algorithms for square,
    // wide, and deep matrices, 2024: what makes q complete follows from its first columns.
    const Value q1 = slice(q, -1, 0, n), q2 = slice(q, -1, n, m), d_q2 = slice(d_q, -1, n, m);
    const Value top = slice(q1, -2, 0, n), bottom = slice(q1, -2, n, m);
    const Value z = transposed(solve(top - eye_like(top), transposed(bottom), true));
    const Value e = matmul(d_q2, q1 + matmul(q2, z), true, false);
    const Value d_q1 =
        slice(d_q, -1, 0, n) + matmul(d_q2, z) + concatenate({matmul(z, e, true, false), -e}, -2);
    return {thin_gradient(q1, slice(r, -2, 0, n), d_q1, slice(d_r, -2, 0, n))};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    const auto [m, n] = in[0];
    require(m != kUnknown && n != kUnknown, "expected matrices of known extents");
    const std::int64_t k = complete_ ? m : std::min(m, n);
    return {{{m, k}}, {{k, n}}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool) const override {
    const std::int64_t m = in[0][0], n = in[0][1], k = complete_ ? m : std::min(m, n);
    const auto run = [=](const MatrixCall& call) {
      auto* a = static_cast<double*>(call.scratch);
      double *q = a + m * n, *tau = q + m * k, *more = tau + std::min(m, n);
      call.load(0, a);
      kernels::qr(m, n, a, tau, more);
      kernels::make_q(m, n, k, a, tau, q, more);
      call.store(0, q);
      for (std::int64_t i = 0; i < std::min(m, k); ++i) std::fill_n(a + i * n, std::min(i, n), 0.0);
      call.store(1, a);
    };
    const std::int64_t numbers = m * n + m * k + std::min(m, n) + std::max(n, k);
    return {run, std::size_t(numbers) * sizeof(double)};
  }

 private:
  // Of q[..., m, n], r[..., n, n], m >= n.
  static Value thin_gradient(Value q, Value r, Value d_q, Value d_r) {
    const Value s = matmul(r, d_r, false, true) - matmul(d_q, q, true, false);
    const Value below = triangle(s, true, -1);
    const Value inner = d_q + matmul(q, triangle(s, true) + transposed(below));
    return transposed(solve_triangular(r, transposed(inner), false));
  }

  bool complete_;
};

class LapackOp : public MatrixOp {
 public:
  using MatrixOp::MatrixOp;

 protected:
  void require_lapack() const {
    if (!kernels::lapack_is_there())
      fail(Code::kUnsupported, name(),
           " goes through OpenBLAS (libopenblas0-serial), which is not there, or may not be called "
           "by a predictor, since it takes locks");
  }
};

class EighOp : public LapackOp {
 public:
  EighOp() : LapackOp("eigh") {}

  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value w = result(node, 0), v = result(node, 1), d_w = d_out[0], d_v = d_out[1];
    if (!d_v) return {matmul(scaled_columns(v, d_w), v, false, true)};
    const Value turn = matmul(v, d_v, true, false), unit = eye_like(turn);
    const Value apart = expand_dims(w, -2) - expand_dims(w, -1);
    Value inner = turn * (1.0 / (apart + unit) - unit);
    if (d_w) inner = inner + expand_dims(d_w, -2) * unit;
    return {matmul(matmul(v, inner), v, false, true)};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    require_square(in[0]);
    return {{{in[0][0]}}, {{in[0][0], in[0][1]}}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool is_double) const override {
    require_lapack();
    const kernels::Eigh eigh(in[0][0], is_double);
    const auto run = [eigh](const MatrixCall& call) {
      eigh.run(call.in[0], call.out[0], call.out[1], call.scratch);
    };
    return {run, eigh.scratch_bytes()};
  }
};

// u, s, vt; or s alone.
class SvdOp : public LapackOp {
 public:
  SvdOp(bool vectors, bool full) : LapackOp("svd"), vectors_(vectors), full_(full) {}

  // J. Townsend, Differentiating the singular value decomposition, 2016.
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value x = node.inputs[0];
    if (!vectors_) {
      const Svd of = svd(x);
      return {matmul(scaled_columns(of.u, d_out[0]), of.vt)};
    }
    const Value u = result(node, 0), s = result(node, 1), vt = result(node, 2);
    const std::int64_t m = u.shape()[u.rank() - 2], n = vt.shape().back();
    if (full_ && m != n && (d_out[0] || d_out[2]))
      fail(Code::kUnsupported,
           "svd: there is no gradient by the vectors of matrices that are not square unless "
           "full_matrices is false, as in Keras");
    if (full_ && m != n)
      return {matmul(scaled_columns(first(u, -1, s), d_out[1]), first(vt, -2, s))};
    const Value rows = expand_dims(s, -2), columns = expand_dims(s, -1);
    const Value unit = eye_like(rows + columns);
    const Value weight = 1.0 / ((rows - columns) * (rows + columns) + unit) - unit;
    const auto skew = [&](Value side, Value d) {
      const Value turn = matmul(side, d);
      return (turn - transposed(turn)) * weight;
    };
    Value inner, outer;
    if (d_out[0]) inner = skew(transposed(u), d_out[0]) * rows;
    if (d_out[2]) inner = plus(inner, columns * skew(vt, transposed(d_out[2])));
    if (d_out[1]) inner = plus(inner, expand_dims(d_out[1], -2) * unit);
    const Value d = matmul(matmul(u, inner), vt);
    if (d_out[0] && m != n) {  // what leads out of the space that u spans
      const Value rest = d_out[0] - matmul(u, matmul(u, d_out[0], true, false));
      outer = matmul(rest / rows, vt);
    }
    if (d_out[2] && m != n) {
      const Value rest = d_out[2] - matmul(matmul(d_out[2], vt, false, true), vt);
      outer = plus(outer, matmul(u, rest / columns));
    }
    return {plus(d, outer)};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    const auto [m, n] = in[0];
    const std::int64_t k = m == kUnknown || n == kUnknown ? kUnknown : std::min(m, n);
    if (!vectors_) return {{{k}}};
    return {{{m, full_ ? m : k}}, {{k}}, {{full_ ? n : k, n}}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool is_double) const override {
    require_lapack();
    const kernels::Svd svd({in[0][0], in[0][1], vectors_, full_, is_double});
    const auto run = [svd, vectors = vectors_](const MatrixCall& call) {
      svd.run(call.in[0], vectors ? call.out[0] : nullptr, call.out[vectors ? 1 : 0],
              vectors ? call.out[2] : nullptr, call.scratch);
    };
    return {run, svd.scratch_bytes()};
  }

 private:
  // As much of an axis of known extent as there are singular values.
  static Value first(Value x, int axis, Value s) { return slice(x, axis, 0, s.shape().back()); }

  bool vectors_, full_;
};

class PseudoinverseOp : public LapackOp {
 public:
  PseudoinverseOp(std::optional<double> cutoff, bool least_squares)
      : LapackOp("pinv"), cutoff_(cutoff), least_squares_(least_squares) {}

  // G. Golub, V. Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
  // problems whose variables separate, 1973.
  std::vector<Value> gradient(const Node& node, std::span<const Value> d_out) const override {
    const Value a = node.inputs[0], p = result(node, 0), d = transposed(d_out[0]);
    const Value pt = transposed(p);
    const Value left = matmul(d, matmul(p, pt));   // d^T p p^T
    const Value right = matmul(matmul(pt, p), d);  // p^T p d^T
    const Value inner = matmul(pt, matmul(d_out[0], pt));
    return {left - matmul(a, matmul(p, left)) + right - matmul(matmul(right, p), a) - inner};
  }

 protected:
  std::vector<Result> results(std::span<const Matrix> in) const override {
    return {{{in[0][1], in[0][0]}}};
  }
  std::pair<Run, std::size_t> bind_one(std::span<const Matrix> in, bool is_double) const override {
    require_lapack();
    const std::int64_t m = in[0][0], n = in[0][1], k = std::min(m, n);
    const kernels::Svd svd({m, n, true, false, is_double});
    const std::int64_t numbers = m * k + k + k * n;
    const double epsilon =
        is_double ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
    const double cutoff =
        cutoff_.value_or((least_squares_ ? 1 : 10) * epsilon * double(std::max(m, n)));
    const auto run = [=, or_equal = least_squares_](const MatrixCall& call) {
      const auto with = [&](auto type) {
        using T = decltype(type);
        T *u = static_cast<T*>(call.scratch), *s = u + m * k, *vt = s + k;
        svd.run(call.in[0], u, s, vt, vt + k * n);
        T* out = static_cast<T*>(call.out[0]);
        const T least = T(cutoff) * s[0];
        for (std::int64_t i = 0; i < n; ++i)
          for (std::int64_t j = 0; j < m; ++j) {
            double sum = s[0] == s[0] ? 0 : double(NAN);
            for (std::int64_t c = 0; c < k; ++c)
              if (s[c] > 0 && (or_equal ? s[c] >= least : s[c] > least))
                sum += double(vt[c * n + i]) * double(u[j * k + c]) / double(s[c]);
            out[i * m + j] = T(sum);
          }
      };
      call.is_double ? with(double{}) : with(float{});
    };
    return {run, std::size_t(numbers) * sizeof(double) + svd.scratch_bytes()};
  }

 private:
  std::optional<double> cutoff_;
  bool least_squares_;
};

}  // namespace

std::pair<Value, Value> qr(Value x, bool complete) {
  const auto out = x.graph().apply(std::make_shared<QrOp>(complete), {x});
  return {out[0], out[1]};
}

std::pair<Value, Value> eigh(Value x) {
  const auto out = x.graph().apply(std::make_shared<EighOp>(), {symmetrized(x)});
  return {out[0], out[1]};
}

Svd svd(Value x, bool full) {
  const auto out = x.graph().apply(std::make_shared<SvdOp>(true, full), {x});
  return {out[0], out[1], out[2]};
}

Value singular_values(Value x) {
  return x.graph().apply(std::make_shared<SvdOp>(false, false), {x})[0];
}

Value pseudoinverse(Value x, std::optional<double> cutoff, bool least_squares) {
  return x.graph().apply(std::make_shared<PseudoinverseOp>(cutoff, least_squares), {x})[0];
}

}  // namespace keratin::ops
