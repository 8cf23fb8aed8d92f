#include "kernels/openblas.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cstring>
#include <limits>

#include "core/threads.h"
#include "kernels/gemm_kernels.h"

namespace keratin::kernels {
namespace {

constexpr std::int64_t kLeast = 512;  // of each extent: below, our own code is as fast or faster

// cblas.h's, so that no header decides what is loaded.
constexpr int kRowMajor = 101, kAsStored = 111, kTransposed = 112;
using Sgemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k,
                       float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                       float* c, int ldc);

// Whether the core it chose has vectors as wide as ours (gemm_kernels' columns are two vectors).
bool is_wide_enough(const char* core) {
  const std::int64_t floats = gemm_kernels().columns / 2;
  if (floats <= 4) return true;
  const auto is_one_of = [core](std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (std::strcmp(core, name) == 0) return true;
    return false;
  };
  const bool is_avx512 = is_one_of({"SkylakeX", "Cooperlake", "SapphireRapids"});
  return floats >= 16 ? is_avx512 : is_avx512 || is_one_of({"Haswell", "Zen"});
}

// With its own symbols before those of the host, who may have another version of OpenBLAS or BLAS
// loaded for all to see. Sanitizers' runtimes end the process at RTLD_DEEPBIND.
int load_flags() {
  const int flags = RTLD_NOW | RTLD_LOCAL;
#ifdef RTLD_DEEPBIND
  for (const char* sanitizer : {"__asan_init", "__tsan_init", "__msan_init"})
    if (dlsym(RTLD_DEFAULT, sanitizer)) return flags;
  return flags | RTLD_DEEPBIND;
#else
  return flags;
#endif
}

void* load() {
  // Debian's build without threads, under its full name: whatever OpenBLAS the host uses, this is
  // another one, and no setting of the host's is touched.
  void* library = dlopen(KERATIN_OPENBLAS, load_flags());
  if (!library) return nullptr;
  const auto parallel = reinterpret_cast<int (*)()>(dlsym(library, "openblas_get_parallel"));
  if (parallel && parallel() == 0) return library;
  dlclose(library);
  return nullptr;
}

Sgemm sgemm() {
  static const Sgemm found = [] {
    const auto core = reinterpret_cast<char* (*)()>(openblas_function("openblas_get_corename"));
    return core && is_wide_enough(core())
               ? reinterpret_cast<Sgemm>(openblas_function("cblas_sgemm"))
               : nullptr;
  }();
  return found;
}

std::mutex& turn() {
  static std::mutex mutex;
  // A child has only the thread that forked: none may be left in the middle.
  [[maybe_unused]] static const int registered =
      pthread_atfork([] { turn().lock(); }, [] { turn().unlock(); }, [] { turn().unlock(); });
  return mutex;
}

}  // namespace

OpenBlasTurn::OpenBlasTurn() : lock_(turn()) {}

void* openblas_function(const char* name) {
  static void* const library = load();  // for the life of the process
  return library ? dlsym(library, name) : nullptr;
}

bool openblas_takes(const GemmShape& s) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  if (s.m < kLeast || s.n < kLeast || s.k < kLeast || is_alone()) return false;
  if (s.m > kMost || s.n > kMost || s.k > kMost) return false;
  return sgemm() != nullptr;
}

void openblas_gemm(const GemmShape& s, const float* a, std::int64_t lda, const float* b,
                   std::int64_t ldb, float* c, std::int64_t ldc) {
  const OpenBlasTurn ours;
  sgemm()(kRowMajor, s.transpose_a ? kTransposed : kAsStored,
          s.transpose_b ? kTransposed : kAsStored, int(s.m), int(s.n), int(s.k), 1.0f, a, int(lda),
          b, int(ldb), 0.0f, c, int(ldc));
}

}  // namespace keratin::kernels
