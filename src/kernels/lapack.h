// What goes through OpenBLAS' LAPACK: decompositions whose vectors have signs that depend on the
// algorithm, which Keras takes from LAPACK, too. Row-major matrices of float or double.
#pragma once

#include <cstddef>
#include <cstdint>

namespace keratin::kernels {

// Whether it is there for this thread: it is not for one that is Alone, since OpenBLAS takes a
// lock.
bool lapack_is_there();

struct SvdShape {
  std::int64_t m, n;
  bool vectors = true, full = false;  // full: u[m, m], vt[n, n]; else as wide as s is long
  bool is_double = false;
};

// A = U diag(S) V^T of a[m, n] by ?gesdd: singular values from the largest on, s[min(m, n)].
class Svd {
 public:
  explicit Svd(const SvdShape& shape);
  std::size_t scratch_bytes() const;
  // All results are NaN where A is not finite or nothing was found.
  void run(const void* a, void* u, void* s, void* vt, void* scratch) const;

 private:
  SvdShape shape_;
  int work_size_ = 0;
};

// A = V diag(W) V^T of the symmetric a[n, n] by ?syevd: eigenvalues from the smallest on, vectors
// as the columns of v[n, n].
class Eigh {
 public:
  Eigh(std::int64_t n, bool is_double);
  std::size_t scratch_bytes() const;
  void run(const void* a, void* w, void* v, void* scratch) const;  // NaN as above

 private:
  std::int64_t n_;
  bool is_double_;
  int work_size_ = 0, integers_size_ = 0;
};

}  // namespace keratin::kernels
