// Fourier transforms of any length. Real and imaginary parts lie apart, each row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace keratin::kernels {

enum class FftForm {
  kComplex,   // y[k] = sum_j x[j] e^(-2 pi i j k / n), of n numbers
  kFromReal,  // the same of real x, k = 0 .. n / 2
  kToReal,    // x[j] = sum_k y[k] e^(2 pi i j k / n) of all n, of which those to n / 2 are given:
              // the others are their conjugates, and what has to be real is taken so
};

// Made once for a length, used by any thread. Rows do not see one another. Stockham's passes by
// factors of n, after J. Cooley, J. Tukey 1965; L. Bluestein 1970 where n has a large prime factor.
class Fft {
 public:
  Fft(FftForm form, std::int64_t n, bool is_double);

  std::size_t scratch_bytes(std::int64_t rows) const;  // of one call with so many or fewer
  // `rows` of each operand. Real operands and results have no im. The sum with e^(+2 pi i j k / n)
  // comes of exchanging re and im on both sides.
  void run(std::int64_t rows, const void* re, const void* im, void* out_re, void* out_im,
           void* scratch) const;

 private:
  std::int64_t n_;
  FftForm form_;
  bool is_double_;
  std::shared_ptr<const void> plan_;  // an FftPlan of float or double
};

}  // namespace keratin::kernels
