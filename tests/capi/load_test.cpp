// The shared library as a plugin host loads it.
#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support.h"

namespace keratin::test {
namespace {

long mapped_lines() {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  long lines = 0;
  while (std::getline(maps, line)) ++lines;
  return lines;
}

bool is_mapped() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("libkeratin") != std::string::npos) return true;
  return false;
}

// Makes a layer with the library that was loaded; true if that went well.
bool use(void* library) {
  const auto create =
      reinterpret_cast<decltype(&kt_layer_create)>(dlsym(library, "kt_layer_create"));
  const auto free_layer =
      reinterpret_cast<decltype(&kt_layer_free)>(dlsym(library, "kt_layer_free"));
  const auto free_error =
      reinterpret_cast<decltype(&kt_error_free)>(dlsym(library, "kt_error_free"));
  if (!create || !free_layer || !free_error) return false;
  kt_layer* made = nullptr;
  if (create("Dense", "{\"units\": 3}", &made)) return false;
  free_layer(made);
  kt_error* error = create("Dense", "{}", &made);
  const bool refused = error != nullptr;
  free_error(error);
  return refused;
}

TEST(Load, FromTwoThreadsLocally) {
  bool fine[2] = {false, false};
  std::thread threads[2];
  for (int i = 0; i < 2; ++i)
    threads[i] = std::thread([&fine, i] {
      void* library = dlopen(KERATIN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
      fine[i] = library && use(library);
      if (library) dlclose(library);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(fine[0] && fine[1]) << dlerror();
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Load, AgainAndAgainWithoutGrowth) {
  long after_some = 0;
  for (int i = 0; i < 60; ++i) {
    void* library = dlopen(KERATIN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    ASSERT_TRUE(library) << dlerror();
    ASSERT_TRUE(use(library));
    ASSERT_EQ(dlclose(library), 0);
    EXPECT_FALSE(is_mapped());
    if (i == 10) after_some = mapped_lines();
  }
  EXPECT_LE(mapped_lines(), after_some + 2);
}
#endif

}  // namespace
}  // namespace keratin::test
