// A predictor's run allocates nothing, takes no lock and makes no system call. (Sanitizers bring an
// allocator and locks of their own.)
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <dlfcn.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "counting.h"
#include "predictor_models.h"

namespace {
std::atomic<long> locks{0};

// The C library's own.
template <class Fn>
Fn next(const char* name) {
  return reinterpret_cast<Fn>(dlsym(RTLD_NEXT, name));
}
}  // namespace

// Whatever std::mutex and its kin come down to, counted.
#define COUNTED(name, Type)                             \
  extern "C" int name(Type* lock) {                     \
    static const auto fn = next<int (*)(Type*)>(#name); \
    ++locks;                                            \
    return fn(lock);                                    \
  }
COUNTED(pthread_mutex_lock, pthread_mutex_t)
COUNTED(pthread_mutex_trylock, pthread_mutex_t)
COUNTED(pthread_rwlock_rdlock, pthread_rwlock_t)
COUNTED(pthread_rwlock_wrlock, pthread_rwlock_t)
#undef COUNTED

namespace keratin::test {
namespace {

long count_locks(const std::function<void()>& fn) {
  const long before = locks;
  fn();
  return locks - before;
}

TEST_P(PredictorKinds, AllocateNothingAndTakeNoLock) {
  kt::check(kt_set_num_threads(2));
  const kt::Model model = this->model();
  for (const std::int64_t batch : {1, 64}) {
    kt::Predictor predictor(model, batch);
    const kt::Tensor x = input(predictor);
    std::vector<float> y = output_of(predictor);
    const void* in = kt_tensor_data(x.get());
    // Of the first run, too.
    EXPECT_EQ(count([&] { predictor.run(in, y.data()); }), 0);
    EXPECT_EQ(count_locks([&] { predictor.run(in, y.data()); }), 0);
    EXPECT_GT(count([&] { model.predict(x, batch); }), 0);  // the counters do count
    EXPECT_GT(count_locks([&] { model.predict(x, batch); }), 0);
  }
}

// In a child that may read, write and end, and is killed at any other call.
TEST_P(PredictorKinds, ForkedAndSealedMakeNoSystemCall) {
  const kt::Model model = this->model();
  kt::Predictor predictor(model, 64);
  const kt::Tensor x = input(predictor);
  std::vector<float> y = output_of(predictor);
  const void* in = kt_tensor_data(x.get());
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(2);
    for (int i = 0; i < 5; ++i) predictor.run(in, y.data());
    const auto sent = write(ends[1], y.data(), sizeof(float));
    syscall(SYS_exit, sent == sizeof(float) ? 0 : 1);
  }
  close(ends[1]);
  float first = 0;
  const auto got = read(ends[0], &first, sizeof first);
  close(ends[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
    GTEST_SKIP() << "this system seals no process (seccomp)";
  ASSERT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  EXPECT_EQ(got, static_cast<ssize_t>(sizeof first));
  predictor.run(in, y.data());
  EXPECT_EQ(first, y[0]);
}

}  // namespace
}  // namespace keratin::test
#endif
