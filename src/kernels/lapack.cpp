#include "kernels/lapack.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/threads.h"
#include "kernels/openblas.h"
#include "kernels/scratch.h"

namespace keratin::kernels {
namespace {

// LAPACK's Fortran, the same for both types but for what is pointed at. The lengths of strings come
// last.
using Gesdd = void (*)(const char* job, const int* m, const int* n, void* a, const int* lda,
                       void* s, void* u, const int* ldu, void* vt, const int* ldvt, void* work,
                       const int* work_size, int* integers, int* info, std::size_t);
using Syevd = void (*)(const char* job, const char* half, const int* n, void* a, const int* lda,
                       void* w, void* work, const int* work_size, int* integers,
                       const int* integers_size, int* info, std::size_t, std::size_t);

struct Lapack {
  Gesdd gesdd[2];  // of float and double
  Syevd syevd[2];
};

const Lapack& lapack() {
  const auto gesdd = [](const char* name) {
    return reinterpret_cast<Gesdd>(openblas_function(name));
  };
  const auto syevd = [](const char* name) {
    return reinterpret_cast<Syevd>(openblas_function(name));
  };
  static const Lapack found{{gesdd("sgesdd_"), gesdd("dgesdd_")},
                            {syevd("ssyevd_"), syevd("dsyevd_")}};
  return found;
}

// from[m, n] with its rows one after another, to its columns one after another. Also back, with m
// and n exchanged.
template <class T>
void turn(std::int64_t m, std::int64_t n, const T* from, T* to) {
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) to[j * m + i] = from[i * n + j];
}

template <class T>
void fill_nan(T* to, std::int64_t count) {
  std::fill_n(to, count, std::numeric_limits<T>::quiet_NaN());
}

template <class T>
bool all_finite(const T* x, std::int64_t count) {
  return std::all_of(x, x + count, [](T v) { return std::isfinite(v); });
}

int count_of(double work) { return std::max(1, int(std::ceil(work))); }

template <class T>
struct SvdRun {
  SvdRun(const SvdShape& shape, int work_size, void* scratch)
      : m(int(shape.m)),
        n(int(shape.n)),
        k(std::min(m, n)),
        u_columns(shape.full ? m : k),
        vt_rows(shape.full ? n : k),
        work_size(work_size),
        is_double(shape.is_double),
        job(!shape.vectors ? 'N'
            : shape.full   ? 'A'
                           : 'S') {
    Parts parts(scratch);
    a = parts.take<T>(shape.m * shape.n);
    u = parts.take<T>(shape.vectors ? shape.m * u_columns : 0);
    vt = parts.take<T>(shape.vectors ? shape.n * vt_rows : 0);
    work = parts.take<T>(work_size);
    integers = parts.take<int>(8 * std::int64_t(k));
    bytes = parts.bytes();
  }

  bool call(void* s) {
    const OpenBlasTurn ours;
    int info = 0;
    lapack().gesdd[is_double](&job, &m, &n, a, &m, s, u, &m, vt, &vt_rows, work, &work_size,
                              integers, &info, 1);
    return info == 0;
  }

  int m, n, k, u_columns, vt_rows, work_size;
  bool is_double;
  char job;
  T *a, *u, *vt, *work;
  int* integers;
  std::size_t bytes;
};

template <class T>
int svd_work(const SvdShape& shape) {
  SvdRun<T> run(shape, -1, nullptr);  // asks how much
  T answer = 0;
  run.work = &answer;
  run.call(nullptr);
  return count_of(double(answer));
}

template <class T>
void run_svd(const SvdShape& shape, int work_size, const T* a, T* u, T* s, T* vt, void* scratch) {
  SvdRun<T> run(shape, work_size, scratch);
  turn(shape.m, shape.n, a, run.a);
  const bool is_found = all_finite(a, shape.m * shape.n) && run.call(s);
  if (!is_found) fill_nan(s, run.k);
  if (!shape.vectors) return;
  if (is_found) {
    turn(run.u_columns, shape.m, run.u, u);
    turn(shape.n, run.vt_rows, run.vt, vt);
  } else {
    fill_nan(u, shape.m * run.u_columns);
    fill_nan(vt, shape.n * run.vt_rows);
  }
}

template <class T>
struct EighRun {
  EighRun(std::int64_t n, int work_size, int integers_size, void* scratch)
      : n(int(n)), work_size(work_size), integers_size(integers_size) {
    Parts parts(scratch);
    a = parts.take<T>(n * n);
    work = parts.take<T>(work_size);
    integers = parts.take<int>(integers_size);
    bytes = parts.bytes();
  }

  bool call(void* w) {
    const OpenBlasTurn ours;
    const char job = 'V', half = 'L';
    int info = 0;
    lapack().syevd[sizeof(T) == 8](&job, &half, &n, a, &n, w, work, &work_size, integers,
                                   &integers_size, &info, 1, 1);
    return info == 0;
  }

  int n, work_size, integers_size;
  T *a, *work;
  int* integers;
  std::size_t bytes;
};

template <class T>
void eigh_work(std::int64_t n, int* work_size, int* integers_size) {
  EighRun<T> run(n, -1, -1, nullptr);
  T answer = 0;
  run.work = &answer;
  run.integers = integers_size;
  run.call(nullptr);
  *work_size = count_of(double(answer));
}

template <class T>
void run_eigh(std::int64_t n, int work_size, int integers_size, const T* a, T* w, T* v,
              void* scratch) {
  EighRun<T> run(n, work_size, integers_size, scratch);
  turn(n, n, a, run.a);
  if (all_finite(a, n * n) && run.call(w)) return turn(n, n, run.a, v);
  fill_nan(w, n);
  fill_nan(v, n * n);
}

}  // namespace

bool lapack_is_there() {
  if (is_alone()) return false;
  const Lapack& l = lapack();
  return l.gesdd[0] && l.gesdd[1] && l.syevd[0] && l.syevd[1];
}

Svd::Svd(const SvdShape& shape)
    : shape_(shape),
      work_size_(shape.is_double ? svd_work<double>(shape) : svd_work<float>(shape)) {}

std::size_t Svd::scratch_bytes() const {
  return shape_.is_double ? SvdRun<double>(shape_, work_size_, nullptr).bytes
                          : SvdRun<float>(shape_, work_size_, nullptr).bytes;
}

void Svd::run(const void* a, void* u, void* s, void* vt, void* scratch) const {
  const auto with = [&](auto type) {
    using T = decltype(type);
    run_svd(shape_, work_size_, static_cast<const T*>(a), static_cast<T*>(u), static_cast<T*>(s),
            static_cast<T*>(vt), scratch);
  };
  shape_.is_double ? with(double{}) : with(float{});
}

Eigh::Eigh(std::int64_t n, bool is_double) : n_(n), is_double_(is_double) {
  is_double ? eigh_work<double>(n, &work_size_, &integers_size_)
            : eigh_work<float>(n, &work_size_, &integers_size_);
}

std::size_t Eigh::scratch_bytes() const {
  return is_double_ ? EighRun<double>(n_, work_size_, integers_size_, nullptr).bytes
                    : EighRun<float>(n_, work_size_, integers_size_, nullptr).bytes;
}

void Eigh::run(const void* a, void* w, void* v, void* scratch) const {
  const auto with = [&](auto type) {
    using T = decltype(type);
    run_eigh(n_, work_size_, integers_size_, static_cast<const T*>(a), static_cast<T*>(w),
             static_cast<T*>(v), scratch);
  };
  is_double_ ? with(double{}) : with(float{});
}

}  // namespace keratin::kernels
