#include "kernels/text_hash.h"

#include <bit>
#include <cstring>
#include <utility>

namespace keratin::kernels {
namespace {

using U64 = std::uint64_t;
using Pair = std::pair<U64, U64>;

constexpr U64 kA = 0xc3a5c85c97cb3127u, kB = 0xb492b66fbe98f273u, kC = 0x9ae16a3b2f90404fu;

template <class T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big)
    value = sizeof value == 8 ? T(__builtin_bswap64(value)) : T(__builtin_bswap32(value));
  return value;
}
U64 load64(const char* from) { return load<U64>(from); }
U64 load32(const char* from) { return load<std::uint32_t>(from); }

U64 shift_mix(U64 x) { return x ^ (x >> 47); }

U64 mix(U64 a, U64 b, U64 factor) {
  return shift_mix((b ^ shift_mix((a ^ b) * factor)) * factor) * factor;
}

U64 up_to_16(const char* s, U64 n) {
  const U64 factor = kC + n * 2;
  if (n >= 8) {
    const U64 a = load64(s) + kC, b = load64(s + n - 8);
    return mix(std::rotr(b, 37) * factor + a, (std::rotr(a, 25) + b) * factor, factor);
  }
  if (n >= 4) return mix(n + (load32(s) << 3), load32(s + n - 4), factor);
  if (n == 0) return kC;
  const auto byte = [s](U64 i) { return U64(static_cast<unsigned char>(s[i])); };
  const U64 y = byte(0) + (byte(n >> 1) << 8), z = n + (byte(n - 1) << 2);
  return shift_mix((y * kC) ^ (z * kA)) * kC;
}

U64 up_to_32(const char* s, U64 n) {
  const U64 factor = kC + n * 2;
  const U64 a = load64(s) * kB, b = load64(s + 8);
  const U64 c = load64(s + n - 8) * factor, d = load64(s + n - 16) * kC;
  return mix(std::rotr(a + b, 43) + std::rotr(c, 30) + d, a + std::rotr(b + kC, 18) + c, factor);
}

U64 up_to_64(const char* s, U64 n) {
  const U64 factor = kC + n * 2;
  const U64 a = load64(s) * kC, b = load64(s + 8);
  const U64 c = load64(s + n - 8) * factor, d = load64(s + n - 16) * kC;
  const U64 y = std::rotr(a + b, 43) + std::rotr(c, 30) + d;
  const U64 z = mix(y, a + std::rotr(b + kC, 18) + c, factor);
  const U64 e = load64(s + 16) * factor, f = load64(s + 24);
  const U64 g = (y + load64(s + n - 32)) * factor, h = (z + load64(s + n - 24)) * factor;
  return mix(std::rotr(e + f, 43) + std::rotr(g, 30) + h, e + std::rotr(f + a, 18) + g, factor);
}

Pair weak(const char* s, U64 a, U64 b) {
  a += load64(s);
  b = std::rotr(b + a + load64(s + 24), 21);
  const U64 c = a;
  a += load64(s + 8) + load64(s + 16);
  b += std::rotr(a, 44);
  return {a + load64(s + 24), b + c};
}

// The state while 64 bytes after another are taken in.
struct Long {
  U64 x = 81, y = 81 * kB + 113, z = 0;
  Pair v{0, 0}, w{0, 0};

  void take(const char* s, U64 factor, U64 weight) {
    x = std::rotr(x + y + v.first + load64(s + 8), 37) * factor;
    y = std::rotr(y + v.second + load64(s + 48), 42) * factor;
    x ^= w.second * weight;
    y += v.first * weight + load64(s + 40);
    z = std::rotr(z + w.first, 33) * factor;
    v = weak(s, v.second * factor, x + w.first);
    w = weak(s + 32, z + w.second, y + load64(s + 16));
    std::swap(z, x);
  }
};

U64 longer(const char* s, U64 n) {
  Long state;
  state.z = shift_mix(state.y * kC + 113) * kC;
  state.x = state.x * kC + load64(s);
  const char* const end = s + (n - 1) / 64 * 64;
  const U64 rest = (n - 1) & 63;
  for (; s != end; s += 64) state.take(s, kB, 1);
  const U64 factor = kB + ((state.z & 0xff) << 1);
  state.w.first += rest;
  state.v.first += state.w.first;
  state.w.first += state.v.first;
  state.take(end + rest - 63, factor, 9);
  return mix(mix(state.v.first, state.w.first, factor) + shift_mix(state.y) * kA + state.z,
             mix(state.v.second, state.w.second, factor) + state.x, factor);
}

}  // namespace

U64 fingerprint64(std::string_view text) {
  const char* s = text.data();
  const U64 n = text.size();
  if (n <= 16) return up_to_16(s, n);
  if (n <= 32) return up_to_32(s, n);
  return n <= 64 ? up_to_64(s, n) : longer(s, n);
}

U64 join_fingerprints(U64 first, U64 second) {
  constexpr U64 kFactor = 0xc6a4a7935bd1e995u;
  U64 result = first ^ kFactor;
  result ^= shift_mix(second * kFactor) * kFactor;
  result *= kFactor;
  result = shift_mix(result) * kFactor;
  return shift_mix(result);
}

U64 sip_hash(const std::array<U64, 2>& key, std::string_view text) {
  U64 v0 = key[0] ^ 0x736f6d6570736575u, v1 = key[1] ^ 0x646f72616e646f6du;
  U64 v2 = key[0] ^ 0x6c7967656e657261u, v3 = key[1] ^ 0x7465646279746573u;
  const auto rounds = [&](int count) {
    for (; count > 0; --count) {
      v0 += v1;
      v2 += v3;
      v1 = std::rotl(v1, 13) ^ v0;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 = std::rotl(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = std::rotl(v1, 17) ^ v2;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 = std::rotl(v2, 32);
    }
  };
  const auto take = [&](U64 word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  };
  const char* s = text.data();
  std::size_t n = text.size();
  for (; n >= 8; n -= 8, s += 8) take(load64(s));
  U64 last = U64(text.size()) << 56;
  for (std::size_t i = 0; i < n; ++i) last |= U64(static_cast<unsigned char>(s[i])) << (8 * i);
  take(last);
  v2 ^= 0xff;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace keratin::kernels
