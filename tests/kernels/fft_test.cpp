// Fourier transforms of many lengths against their sums.
#include "kernels/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace keratin::kernels {
namespace {

// Prime, composite, powers of 2, with large prime factors.
const std::vector<std::int64_t> kLengths = {1,  2,  3,  4,  5,  6,  7,  8,   9,   10,  12,  14,
                                            15, 16, 30, 31, 37, 64, 74, 100, 121, 128, 210, 331};

template <class T>
std::vector<T> numbers(std::int64_t count, double seed) {
  std::vector<T> x(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = T(std::sin(seed + 1.3 * double(i * i % 1013)));
  return x;
}

template <class T>
class FftTest : public testing::Test {
 public:
  static constexpr double kTolerance = sizeof(T) == 8 ? 1e-12 : 4e-6;

  // Transforms rows, and compares them with the sums. Returns the results.
  static std::vector<T> check(FftForm form, std::int64_t n, std::int64_t rows, bool exchanged) {
    const bool real_in = form == FftForm::kFromReal, real_out = form == FftForm::kToReal;
    const std::int64_t have = real_out ? n / 2 + 1 : n, give = real_in ? n / 2 + 1 : n;
    const auto re = numbers<T>(rows * have, 0.3), im = numbers<T>(rows * have, 0.7);
    std::vector<T> out_re(std::size_t(rows * give)), out_im(out_re.size());
    const Fft fft(form, n, sizeof(T) == 8);
    std::vector<char> scratch(fft.scratch_bytes(rows));
    if (exchanged)
      fft.run(rows, im.data(), re.data(), out_im.data(), out_re.data(), scratch.data());
    else
      fft.run(rows, re.data(), real_in ? nullptr : im.data(), out_re.data(),
              real_out ? nullptr : out_im.data(), scratch.data());
    const double sign = exchanged || real_out ? 1 : -1;
    double worst = 0, size = 1;
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t k = 0; k < give; ++k) {
        double sum_re = 0, sum_im = 0;
        for (std::int64_t j = 0; j < n; ++j) {
          const bool mirrored = real_out && j > n / 2;
          const auto at = std::size_t(row * have + (mirrored ? n - j : j));
          double x = re[at], y = real_in ? 0 : mirrored ? -double(im[at]) : double(im[at]);
          if (real_out && (j == 0 || 2 * j == n)) y = 0;
          const double angle = sign * 2 * std::numbers::pi * double(j * k % n) / double(n);
          sum_re += x * std::cos(angle) - y * std::sin(angle);
          sum_im += x * std::sin(angle) + y * std::cos(angle);
        }
        const auto at = std::size_t(row * give + k);
        worst = std::max(worst, std::abs(sum_re - double(out_re[at])));
        if (!real_out) worst = std::max(worst, std::abs(sum_im - double(out_im[at])));
        size = std::max({size, std::abs(sum_re), std::abs(sum_im)});
      }
    EXPECT_LT(worst, kTolerance * size) << "n = " << n << ", rows = " << rows;
    return out_re;
  }
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(FftTest, Types);

TYPED_TEST(FftTest, AllFormsOfAllLengthsAreTheirSums) {
  for (const std::int64_t n : kLengths)
    for (const std::int64_t rows : {1, 5, 18}) {
      this->check(FftForm::kComplex, n, rows, false);
      this->check(FftForm::kComplex, n, rows, true);
      this->check(FftForm::kFromReal, n, rows, false);
      this->check(FftForm::kToReal, n, rows, false);
    }
}

TYPED_TEST(FftTest, ARowHasTheSameBitsAloneAndAmongOthers) {
  for (const std::int64_t n : kLengths)
    for (const FftForm form : {FftForm::kComplex, FftForm::kFromReal, FftForm::kToReal}) {
      const auto all = this->check(form, n, 20, false), one = this->check(form, n, 1, false);
      for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i], all[i]) << n;
    }
}

}  // namespace
}  // namespace keratin::kernels
