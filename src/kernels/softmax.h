// Normalised exponentials of rows. `out` may be `x`. Rows of no elements are left alone.
#pragma once

#include <cstdint>

namespace keratin::kernels {

void softmax(const float* x, std::int64_t n, float* out);
void softmax(const double* x, std::int64_t n, double* out);
void log_softmax(const float* x, std::int64_t n, float* out);
void log_softmax(const double* x, std::int64_t n, double* out);

// The nearest point of the probability simplex (Martins & Astudillo 2016); `sorted` holds n
// elements.
template <class T>
void sparsemax(const T* x, std::int64_t n, T* out, T* sorted);

}  // namespace keratin::kernels
