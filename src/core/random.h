// Counter-based random numbers (Philox4x32-10, Salmon et al., SC'11): element i of stream (seed,
// counter) is a pure function of the three, so order and threads do not matter.
#pragma once

#include <array>
#include <cstdint>

namespace keratin {

std::array<std::uint32_t, 4> philox(std::uint64_t counter_low, std::uint64_t counter_high,
                                    std::uint64_t key);

// One stream of random numbers; successive fills continue it.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  std::uint32_t bits();                    // uniform 32 bits
  double uniform();                        // [0, 1), 32 bits of resolution
  double normal();                         // standard normal (Box-Muller)
  double truncated_normal();               // standard normal, redrawn outside (-2, 2)
  std::int64_t below(std::int64_t bound);  // uniform on 0 .. bound-1, bound >= 1

 private:
  std::uint64_t seed_, stream_, position_ = 0;
  std::array<std::uint32_t, 4> block_{};
};

// The process-wide source of seeds for things whose seed is null: seeded from the system, or by
// set_global_seed (Keras' keras.utils.set_random_seed), after which it yields the same sequence.
// Any thread.
void set_global_seed(std::uint64_t seed);
std::uint32_t next_global_seed();

}  // namespace keratin
