// What a host has set and where it writes stays as it is: OpenBLAS, OpenMP, standard output.
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "support.h"

// Functions of the host's that OpenBLAS has, too, as another version of it would: the program
// exports them.
namespace {
std::atomic<int> taken{0};
}
#define EXPORTED extern "C" __attribute__((visibility("default"), used))
EXPORTED void* blas_memory_alloc(int) {
  constexpr std::size_t kPage = 1 << 16, kMost = std::size_t{256} << 20;
  ++taken;
  return std::aligned_alloc(kPage, kMost);
}
EXPORTED void blas_memory_free(void* memory) { std::free(memory); }

namespace keratin::test {
namespace {

// A training with large products, and what goes through OpenBLAS.
void work() {
  NetOptions options;
  options.input = options.hidden = 600;
  options.more = {{"Dense", "{\"units\": 600}"}};
  kt::Model model = net(options);
  const kt::Tensor x = waves({600, 600}, 0.3f), y = labels(600);
  model.fit(kt::Data(x, y), fit_options(2, 600));

  const kt::Symbolic matrix = kt::input({40, 40});
  const std::vector<kt::Symbolic> svd = kt::ops_of("svd", nullptr, {matrix.get()});
  const kt::Model factors = kt::Model::functional({matrix.get()}, {svd[1].get()});
  const kt::Tensor values = factors.predict(waves({2, 40, 40}, 0.3f));
  EXPECT_GT(values.data<float>()[0], 0.0f);
}

template <class Fn>
Fn* found(void* library, const char* symbol) {
  Fn* fn = reinterpret_cast<Fn*>(dlsym(library, symbol));
  if (!fn) throw std::runtime_error(std::string("no ") + symbol);
  return fn;
}

void* opened(const std::string& name) {
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (!library) throw std::runtime_error(dlerror());
  return library;
}

// The sanitizers' runtimes allow no RTLD_DEEPBIND, without which the symbols of two builds mix.
#if defined(KERATIN_OPENBLAS) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The host's OpenBLAS is another of Debian's builds, there for all to see.
class OpenBlas : public testing::TestWithParam<const char*> {};

TEST_P(OpenBlas, OfTheHostKeepsItsThreadsAndResults) {
  std::string path = KERATIN_OPENBLAS;
  const std::string ours = "openblas-serial";
  ASSERT_NE(path.find(ours), std::string::npos) << path;
  path.replace(path.find(ours), ours.size(), GetParam());
  void* host = opened(path);
  const auto threads = found<int()>(host, "openblas_get_num_threads");
  const auto parallel = found<int()>(host, "openblas_get_parallel");
  const auto dot = found<float(int, const float*, int, const float*, int)>(host, "cblas_sdot");
  found<void(int)>(host, "openblas_set_num_threads")(2);
  ASSERT_EQ(threads(), 2);
  const int kind = parallel();
  ASSERT_NE(kind, 0);
  work();
  EXPECT_EQ(threads(), 2);
  EXPECT_EQ(parallel(), kind);
  const float values[] = {1, 2, 3};
  EXPECT_EQ(dot(3, values, 1, values, 1), 14.0f);
}

TEST(OurOpenBlas, UsesNoSymbolOfTheHost) {
  ASSERT_EQ(dlsym(RTLD_DEFAULT, "blas_memory_alloc"), reinterpret_cast<void*>(blas_memory_alloc));
  taken = 0;
  work();
  EXPECT_EQ(taken, 0);
}

INSTANTIATE_TEST_SUITE_P(Builds, OpenBlas, testing::Values("openblas-pthread", "openblas-openmp"),
                         [](const auto& info) {
                           return std::string(info.param).substr(sizeof "openblas");
                         });
#endif

TEST(OpenMp, OfTheHostKeepsItsThreads) {
  void* gomp = opened("libgomp.so.1");
  const auto most = found<int()>(gomp, "omp_get_max_threads");
  found<void(int)>(gomp, "omp_set_num_threads")(7);
  ASSERT_EQ(most(), 7);
  work();
  EXPECT_EQ(most(), 7);
}

// Standard output and error go to a file while this lives.
class Redirected {
 public:
  Redirected() {
    std::fflush(nullptr);
    for (int i = 0; i < 2; ++i) {
      kept_[i] = dup(i + 1);
      dup2(fileno(file_), i + 1);
    }
  }
  ~Redirected() {
    restore();
    std::fclose(file_);
  }
  // Bytes written.
  long restore() {
    std::fflush(nullptr);
    for (int i = 0; i < 2; ++i)
      if (kept_[i] >= 0) {
        dup2(kept_[i], i + 1);
        close(kept_[i]);
        kept_[i] = -1;
      }
    std::fseek(file_, 0, SEEK_END);
    return std::ftell(file_);
  }

 private:
  std::FILE* file_ = std::tmpfile();
  int kept_[2];
};

TEST(Quiet, NothingIsPrinted) {
  const kt::Tensor x = waves({40, 8}, 0.2f), y = labels(40);
  const kt::Data data(x, y);
  std::string shown;
  const std::string path = testing::TempDir() + "keratin_quiet.keras";
  Redirected all;
  {
    kt::Model model = net();
    for (const bool prints : {false, true}) {
      kt::FitOptions options = fit_options(2, 10);
      options.verbose = 1;
      options.validation_split = 0.25;
      if (prints) options.printer = [&](const char* text) { shown += text; };
      options.callback_list.emplace_back("EarlyStopping", "{\"verbose\": 1, \"patience\": 0}");
      options.callback_list.emplace_back("ReduceLROnPlateau", "{\"verbose\": 1}");
      model.fit(data, std::move(options));
    }
    model.evaluate(data, 10, [&](const char* text) { shown += text; });
    model.predict(x);
    model.summary();
    model.save(path);
    kt::Model::load(path);
    EXPECT_NE(code_of(kt_model_load_weights(model.get(), "no/such.weights.h5")), KT_OK);
  }
  EXPECT_EQ(all.restore(), 0);
  EXPECT_NE(shown, "");
  std::remove(path.c_str());
}

TEST(Quiet, WhatIsPrintedIsSeen) {
  Redirected all;
  std::printf("four");
  std::fputs("five5", stderr);
  EXPECT_EQ(all.restore(), 9);
}

}  // namespace
}  // namespace keratin::test
