#include "core/random.h"

#include <atomic>
#include <cmath>
#include <mutex>
#include <numbers>
#include <random>

namespace keratin {

std::array<std::uint32_t, 4> philox(std::uint64_t counter_low, std::uint64_t counter_high,
                                    std::uint64_t key) {
  std::uint32_t c[4] = {std::uint32_t(counter_low), std::uint32_t(counter_low >> 32),
                        std::uint32_t(counter_high), std::uint32_t(counter_high >> 32)};
  std::uint32_t k0 = std::uint32_t(key), k1 = std::uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t(0xD2511F53u) * c[0];
    const std::uint64_t p1 = std::uint64_t(0xCD9E8D57u) * c[2];
    const std::uint32_t n0 = std::uint32_t(p1 >> 32) ^ c[1] ^ k0;
    const std::uint32_t n2 = std::uint32_t(p0 >> 32) ^ c[3] ^ k1;
    c[1] = std::uint32_t(p1);
    c[3] = std::uint32_t(p0);
    c[0] = n0;
    c[2] = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {c[0], c[1], c[2], c[3]};
}

std::uint32_t Random::bits() {
  const unsigned lane = unsigned(position_ & 3);
  if (lane == 0) block_ = philox(position_ >> 2, stream_, seed_);
  ++position_;
  return block_[lane];
}

double Random::uniform() { return bits() * 0x1p-32; }

double Random::normal() {
  const double u = (bits() + 0.5) * 0x1p-32;
  const double v = uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

double Random::truncated_normal() {
  for (;;) {
    const double z = normal();
    if (z > -2.0 && z < 2.0) return z;
  }
}

std::int64_t Random::below(std::int64_t bound) {
  const std::uint64_t wide = (std::uint64_t(bits()) << 32) | bits();
  return std::int64_t((static_cast<unsigned __int128>(wide) * std::uint64_t(bound)) >> 64);
}

namespace {

struct GlobalSeeds {
  std::mutex mutex;
  bool seeded = false;
  std::uint64_t seed = 0, drawn = 0;
};

GlobalSeeds& global_seeds() {
  static GlobalSeeds seeds;
  return seeds;
}

}  // namespace

void set_global_seed(std::uint64_t seed) {
  GlobalSeeds& g = global_seeds();
  std::lock_guard lock(g.mutex);
  g.seeded = true;
  g.seed = seed;
  g.drawn = 0;
}

std::uint32_t next_global_seed() {
  GlobalSeeds& g = global_seeds();
  std::lock_guard lock(g.mutex);
  if (!g.seeded) {
    std::random_device device;
    g.seed = (std::uint64_t(device()) << 32) | device();
    g.seeded = true;
  }
  return philox(g.drawn++, 0x6b65726174696eULL, g.seed)[0];
}

}  // namespace keratin
