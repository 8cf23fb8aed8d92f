#include "kernels/bfloat16_amx.h"

#include <hwy/targets.h>

#if HWY_ARCH_X86_64 && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "kernels/transpose_16.h"

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,amx-tile,amx-bf16")
namespace keratin::kernels {
namespace {

constexpr std::int64_t kSide = 16;          // rows of a tile register, and 32-bit elements of a row
constexpr std::int64_t kBlock = 2 * kSide;  // of rows and columns of C at once

// How the tile registers are cut (Intel's manual, volume 1, 18.2: palette 1).
struct alignas(64) Config {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

// What is in this memory is needed now: to GCC the instructions for tiles read none.
void write_out(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

// Registers 0 to 3 are C, two by two; 4 and 5 rows of A; 6 and 7 columns of B.
void configure(std::int64_t rows, std::int64_t columns) {
  Config config;
  const auto set = [&](int tile, std::int64_t of_rows, std::int64_t of_columns) {
    config.rows[tile] = static_cast<std::uint8_t>(of_rows);
    config.row_bytes[tile] = static_cast<std::uint16_t>(of_columns * 4);
  };
  const std::int64_t m[2] = {std::min(rows, kSide), rows > kSide ? rows - kSide : kSide};
  const std::int64_t n[2] = {std::min(columns, kSide), columns > kSide ? columns - kSide : kSide};
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) set(2 * i + j, m[i], n[j]);
    set(4 + i, m[i], kSide);
    set(6 + i, kSide, n[i]);
  }
  write_out(&config);
  _tile_loadconfig(&config);
}

// Sixteen steps of A and B, or what is left of a segment with zeros behind, side by side.
struct Gathered {
  alignas(64) float a[kBlock * kSide];
  alignas(64) float b[kSide * kBlock];
};

void gather_a(const ConvTile& t, const float* a, std::int64_t rows, std::int64_t steps, float* to) {
  const auto mask = static_cast<__mmask16>((1u << steps) - 1u);
  if (t.a_step == 1) {
    for (std::int64_t i = 0; i < rows; ++i, a += t.a_row, to += kSide)
      _mm512_store_ps(to, _mm512_maskz_loadu_ps(mask, a));
    return;
  }
  // Rows lie side by side.
  for (std::int64_t i = 0; i < rows; i += kSide, a += kSide, to += kSide * kSide) {
    const std::int64_t count = std::min(kSide, rows - i);
    const auto rows_mask = static_cast<__mmask16>((1u << count) - 1u);
    __m512i r[16];
#pragma GCC unroll 16
    for (int p = 0; p < 16; ++p)
      r[p] = p < steps ? _mm512_maskz_loadu_epi32(rows_mask, a + p * t.a_step)
                       : _mm512_setzero_si512();
    transpose_16(r);
#pragma GCC unroll 16
    for (int p = 0; p < 16; ++p) _mm512_store_si512(to + p * kSide, r[p]);
  }
}

void gather_b(const ConvTile& t, const float* b, std::int64_t columns, std::int64_t steps,
              float* to) {
  for (std::int64_t p = 0; p < kSide; ++p, to += kBlock) {
    if (p >= steps) {
      std::fill_n(to, columns, 0.0f);
      continue;
    }
    std::copy_n(b + p * t.b_step, columns, to);
  }
}

// Rows and columns of C that the registers hold at once; kTall, kWide: more than a register has.
template <bool kTall, bool kWide>
void multiply_block(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  const auto c_bytes = static_cast<std::size_t>(t.c_row) * sizeof(float);
  float* c_low = t.c + kSide * t.c_row;
  if (t.add) {
    _tile_loadd(0, t.c, c_bytes);
    if constexpr (kWide) _tile_loadd(1, t.c + kSide, c_bytes);
    if constexpr (kTall) _tile_loadd(2, c_low, c_bytes);
    if constexpr (kTall && kWide) _tile_loadd(3, c_low + kSide, c_bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  Gathered gathered;
  for (std::int64_t s = 0; s < t.count; ++s) {
    const float* from_a = t.a + t.segments[s].a;
    const float* from_b = t.b + t.segments[s].b;
    for (std::int64_t p = 0; p < t.steps; p += kSide) {
      const std::int64_t steps = std::min(kSide, t.steps - p);
      const float* a = from_a + p * t.a_step;
      const float* b = from_b + p * t.b_step;
      auto a_bytes = static_cast<std::size_t>(t.a_row) * sizeof(float);
      auto b_bytes = static_cast<std::size_t>(t.b_step) * sizeof(float);
      if (t.a_step != 1 || steps < kSide) {
        gather_a(t, a, rows, steps, gathered.a);
        a = gathered.a;
        a_bytes = kSide * sizeof(float);
      }
      if (steps < kSide) {
        gather_b(t, b, columns, steps, gathered.b);
        b = gathered.b;
        b_bytes = kBlock * sizeof(float);
      }
      write_out(&gathered);
      _tile_loadd(4, a, a_bytes);
      _tile_loadd(6, b, b_bytes);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (kWide) {
        _tile_loadd(7, b + kSide, b_bytes);
        _tile_dpbf16ps(1, 4, 7);
      }
      if constexpr (kTall) {
        _tile_loadd(5, reinterpret_cast<const char*>(a) + kSide * a_bytes, a_bytes);
        _tile_dpbf16ps(2, 5, 6);
        if constexpr (kWide) _tile_dpbf16ps(3, 5, 7);
      }
    }
  }
  _tile_stored(0, t.c, c_bytes);
  if constexpr (kWide) _tile_stored(1, t.c + kSide, c_bytes);
  if constexpr (kTall) _tile_stored(2, c_low, c_bytes);
  if constexpr (kTall && kWide) _tile_stored(3, c_low + kSide, c_bytes);
}

}  // namespace

void multiply_amx(const ConvTile& t, std::int64_t rows, std::int64_t columns) {
  std::int64_t set_rows = 0, set_columns = 0;
  for (std::int64_t j = 0; j < columns; j += kBlock)
    for (std::int64_t i = 0; i < rows; i += kBlock) {
      const std::int64_t height = std::min(kBlock, rows - i), width = std::min(kBlock, columns - j);
      if (height != set_rows || width != set_columns) {
        configure(height, width);
        set_rows = height;
        set_columns = width;
      }
      ConvTile block = t;
      block.a += i * t.a_row;
      block.b += j;
      block.c += i * t.c_row + j;
      if (height > kSide)
        (width > kSide ? multiply_block<true, true> : multiply_block<true, false>)(block, height,
                                                                                   width);
      else
        (width > kSide ? multiply_block<false, true> : multiply_block<false, false>)(block, height,
                                                                                     width);
    }
  _tile_release();  // so that the system need not keep them for this thread
}

}  // namespace keratin::kernels
HWY_POP_ATTRIBUTES

namespace keratin::kernels {

bool amx_is_there() {
  static const bool is_there = [] {
    constexpr unsigned kTile = 1u << 24, kBFloat16 = 1u << 22;  // of EDX of leaf 7
    constexpr long kAskForData = 0x1023, kTileData = 18;        // ARCH_REQ_XCOMP_PERM
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
    return (d & kTile) != 0 && (d & kBFloat16) != 0 &&
           syscall(SYS_arch_prctl, kAskForData, kTileData) == 0;
  }();
  return is_there;
}

}  // namespace keratin::kernels

#else

namespace keratin::kernels {
bool amx_is_there() { return false; }
void multiply_amx(const ConvTile&, std::int64_t, std::int64_t) {}
}  // namespace keratin::kernels

#endif
