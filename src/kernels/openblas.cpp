#include "kernels/openblas.h"

#include <dlfcn.h>
#include <pthread.h>

namespace keratin::kernels {
namespace {

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

}  // namespace keratin::kernels
