// fma_limit [SECONDS]: what one core of this machine can do, as one JSON line: float32 arithmetic
// by multiply-adds in registers (a multiply and an add are two operations), and reading from
// memory.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr int kSums = 16;  // independent ones, to fill the units while each waits for its last
constexpr long kRounds = 100000;

// Operations done; `sink` keeps the work alive.
template <class Vector>
[[gnu::always_inline]] inline double multiply_add(float* sink) {
  constexpr int kLanes = sizeof(Vector) / sizeof(float);
  Vector sums[kSums];
  for (int s = 0; s < kSums; ++s) sums[s] = Vector{} + float(s);
  const Vector factor = Vector{} + sink[0], more = Vector{} + sink[1];
  for (long round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16
    for (int s = 0; s < kSums; ++s) sums[s] = sums[s] * factor + more;
  }
  for (int s = 0; s < kSums; ++s)
    for (int i = 0; i < kLanes; ++i) sink[2] += sums[s][i];
  return 2.0 * kLanes * kSums * kRounds;
}

typedef float V16 __attribute__((vector_size(16)));
typedef float V32 __attribute__((vector_size(32)));
typedef float V64 __attribute__((vector_size(64)));

#ifdef __x86_64__
__attribute__((target("avx512f"))) double wide(float* sink) { return multiply_add<V64>(sink); }
__attribute__((target("avx2,fma"))) double middle(float* sink) { return multiply_add<V32>(sink); }
#endif
double narrow(float* sink) { return multiply_add<V16>(sink); }

double arithmetic(float* sink) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return wide(sink);
  if (__builtin_cpu_supports("fma")) return middle(sink);
#endif
  return narrow(sink);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1;
  float sink[3] = {0.999f, 1e-3f, 0};
  double gflops = 0;
  for (const auto begin = Clock::now(); since(begin) < seconds;) {
    const auto t = Clock::now();
    const double done = arithmetic(sink);
    gflops = std::max(gflops, done / since(t) / 1e9);
  }
  std::vector<long> memory(32 << 20, 1);
  double rate = 0;
  for (const auto begin = Clock::now(); since(begin) < seconds;) {
    const auto t = Clock::now();
    long sum = 0;
    for (const long value : memory) sum += value;
    sink[2] += float(sum);
    rate = std::max(rate, double(memory.size() * sizeof(long)) / since(t) / 1e9);
  }
  std::printf("{\"gflops\": %.1f, \"read_gb_s\": %.1f, \"sink\": %g}\n", gflops, rate, sink[2]);
  return 0;
}
