#include "core/threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/error.h"

namespace keratin {
namespace {

using detail::PieceFn;

constexpr int kMaxThreads = 256;
constexpr int kSpins = 1000;  // a few tens of microseconds: work mostly comes in close succession
constexpr std::int64_t kMaxRound = std::int64_t{1} << 31;
constexpr std::uint64_t kClosed = 0xFFFFFFFF;  // more than any number of pieces

// --- how many -------------------------------------------------------------------------------

std::atomic<int> thread_count{0};  // 0: not asked for yet

int processors() {
  for (int bits = 1024; bits <= 1 << 16; bits *= 2) {
    cpu_set_t* set = CPU_ALLOC(bits);
    if (set == nullptr) break;
    const int failed = sched_getaffinity(0, CPU_ALLOC_SIZE(bits), set);
    const int count = failed ? 0 : CPU_COUNT_S(CPU_ALLOC_SIZE(bits), set);
    CPU_FREE(set);
    if (!failed) return count;
    if (errno != EINVAL) break;
  }
  return 1;
}

// The first line of a small file; empty if there is none.
std::string first_line(const std::string& path, const char* prefix = "") {
  std::string found;
  if (std::FILE* file = std::fopen(path.c_str(), "re")) {
    char line[1024];
    while (found.empty() && std::fgets(line, sizeof line, file) != nullptr)
      if (std::strncmp(line, prefix, std::strlen(prefix)) == 0) found = line;
    std::fclose(file);
  }
  while (!found.empty() && found.back() == '\n') found.pop_back();
  return found;
}

// Processors that the control group (version 2) grants by time, rounded up; kMaxThreads: no limit.
int granted_processors() {
  const std::string group = first_line("/proc/self/cgroup", "0::/");
  if (group.empty()) return kMaxThreads;
  for (const std::string& folder : {group.substr(3), std::string("/")}) {
    long long quota = 0, period = 0;
    const std::string limit = first_line("/sys/fs/cgroup" + folder + "/cpu.max");
    if (std::sscanf(limit.c_str(), "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0)
      return int(std::min<long long>((quota + period - 1) / period, kMaxThreads));
  }
  return kMaxThreads;
}

int default_count() {
  if (const char* text = std::getenv("KERATIN_NUM_THREADS")) {
    char* end = nullptr;
    const long count = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && count >= 1) return int(std::min<long>(count, kMaxThreads));
  }
  return std::clamp(std::min(processors(), granted_processors()), 1, kMaxThreads);
}

// --- the pool -------------------------------------------------------------------------------

// Initialized before any code runs and never destroyed: at exit, threads of the host may still be
// in here.
struct Pool {
  alignas(64) std::atomic<bool> busy{false};  // taken by the one caller that uses the workers
  int workers = 0;                            // guarded by busy, as are the threads
  pthread_t threads[kMaxThreads] = {};

  // The round at hand; its fields are written while it is closed.
  alignas(64) std::atomic<PieceFn> fn{nullptr};
  std::atomic<void*> context{nullptr};
  std::atomic<std::uint32_t> pieces{0};
  std::atomic<std::int64_t> first{0};                  // added to the piece's number
  alignas(64) std::atomic<std::uint64_t> next{0};      // round << 32 | next piece to claim
  alignas(64) std::atomic<std::uint32_t> finished{0};  // pieces of this round; a futex
  std::atomic<bool> caller_sleeps{false};
  alignas(64) std::atomic<std::uint32_t> signal{0};  // changes when there is news; a futex
  std::atomic<int> sleepers{0};
  std::atomic<bool> stopping{false};
};
constinit Pool pool;

// In the thread's static block, which is there before its first use: reading it never allocates,
// though the library was loaded by dlopen().
__attribute__((tls_model("initial-exec"))) constinit thread_local bool alone = false;

void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void wake(std::atomic<std::uint32_t>& word, int count) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Claims pieces of the round at hand until none is left.
//
// A claim is a compare-and-swap of round and number at once. That it succeeds proves that the
// fields read before belong to this round: `next` is changed before they are. A thread that comes
// late finds nothing to claim, and nobody waits for it.
void help() noexcept {
  std::uint32_t done = 0, pieces = 0;
  std::uint64_t next = pool.next.load(std::memory_order_acquire);
  for (;;) {
    pieces = pool.pieces.load(std::memory_order_acquire);
    const PieceFn fn = pool.fn.load(std::memory_order_acquire);
    void* const context = pool.context.load(std::memory_order_acquire);
    const std::int64_t first = pool.first.load(std::memory_order_acquire);
    const auto piece = std::uint32_t(next);
    if (piece >= pieces) break;
    if (!pool.next.compare_exchange_weak(next, next + 1, std::memory_order_acq_rel,
                                         std::memory_order_acquire))
      continue;
    fn(context, first + piece);
    ++done;  // told at the end; until then the round goes on
    next = pool.next.load(std::memory_order_acquire);
  }
  if (done == 0) return;
  if (pool.finished.fetch_add(done) + done == pieces && pool.caller_sleeps.load())
    wake(pool.finished, 1);
}

void* work(void*) {
  pthread_setname_np(pthread_self(), "keratin");
  for (;;) {
    const std::uint32_t seen = pool.signal.load(std::memory_order_acquire);
    if (pool.stopping.load(std::memory_order_acquire)) return nullptr;
    help();
    for (int i = 0; i < kSpins && pool.signal.load(std::memory_order_relaxed) == seen; ++i) relax();
    if (pool.signal.load(std::memory_order_acquire) != seen) continue;
    pool.sleepers.fetch_add(1);
    wait_while(pool.signal, seen);
    pool.sleepers.fetch_sub(1);
  }
}

// In the child of a fork there are no workers; whatever the parent's threads were at is theirs.
void forget_workers() {
  pool.workers = 0;
  pool.next.store(0);
  pool.pieces.store(0);
  pool.caller_sleeps.store(false);
  pool.sleepers.store(0);
  pool.stopping.store(false);
  pool.busy.store(false);
}

void stop_workers() {
  pool.stopping.store(true);
  pool.signal.fetch_add(1);
  wake(pool.signal, INT_MAX);
  for (int i = 0; i < pool.workers; ++i) pthread_join(pool.threads[i], nullptr);
  pool.workers = 0;
  pool.stopping.store(false);
}

// Starts as many as the system lets us.
void start_workers(int count) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, [] { pthread_atfork(nullptr, nullptr, forget_workers); });
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are the host's threads' matter
  while (pool.workers < count &&
         pthread_create(&pool.threads[pool.workers], nullptr, work, nullptr) == 0)
    ++pool.workers;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// When the library is unloaded, or the process exits. A thread that is in the middle of its work
// then (exit only) keeps its workers; the code stays mapped.
__attribute__((destructor)) void close_pool() {
  if (!pool.busy.exchange(true) && pool.workers > 0) stop_workers();
}

void run_round(std::int64_t first, std::uint32_t pieces, PieceFn fn, void* context) {
  const std::uint64_t round = ((pool.next.load(std::memory_order_relaxed) >> 32) + 1) << 32;
  pool.next.store(round | kClosed, std::memory_order_relaxed);
  pool.fn.store(fn, std::memory_order_release);
  pool.context.store(context, std::memory_order_release);
  pool.first.store(first, std::memory_order_release);
  pool.pieces.store(pieces, std::memory_order_release);
  pool.finished.store(0, std::memory_order_relaxed);
  pool.next.store(round, std::memory_order_release);
  pool.signal.fetch_add(1);
  if (pool.sleepers.load() > 0)
    wake(pool.signal, int(std::min<std::int64_t>(pieces - 1, pool.workers)));
  help();
  for (int i = 0; i < kSpins; ++i) {
    if (pool.finished.load(std::memory_order_acquire) == pieces) return;
    relax();
  }
  pool.caller_sleeps.store(true);
  for (;;) {
    const std::uint32_t finished = pool.finished.load();
    if (finished == pieces) break;
    wait_while(pool.finished, finished);
  }
  pool.caller_sleeps.store(false);
}

}  // namespace

int num_threads() {
  int count = thread_count.load(std::memory_order_relaxed);
  if (count == 0) [[unlikely]] {
    int unset = 0;
    count = default_count();
    if (!thread_count.compare_exchange_strong(unset, count)) count = unset;
  }
  return count;
}

void set_num_threads(int count) {
  require(count >= 1 && count <= kMaxThreads, "number of threads: expected 1 to ", kMaxThreads,
          ", got ", count);
  thread_count.store(count);
}

Alone::Alone() : before_(alone) { alone = true; }
Alone::~Alone() { alone = before_; }
bool is_alone() { return alone; }

namespace detail {

void run_pieces(std::int64_t pieces, PieceFn fn, void* context) {
  const int threads = alone ? 1 : num_threads();
  if (threads > 1 && pieces > 1 && !pool.busy.load(std::memory_order_relaxed) &&
      !pool.busy.exchange(true)) {
    if (pool.workers != threads - 1) [[unlikely]] {
      if (pool.workers > 0) stop_workers();
      start_workers(threads - 1);
    }
    for (std::int64_t first = 0; first < pieces; first += kMaxRound)
      run_round(first, std::uint32_t(std::min(pieces - first, kMaxRound)), fn, context);
    pool.busy.store(false, std::memory_order_release);
    return;
  }
  for (std::int64_t piece = 0; piece < pieces; ++piece) fn(context, piece);
}

}  // namespace detail
}  // namespace keratin
