// Normalised exponentials of rows. `out` may be `x`. Rows of no elements are left alone.
#pragma once

#include <cstdint>

namespace keratin::kernels {

void softmax(const float* x, std::int64_t n, float* out);
void softmax(const double* x, std::int64_t n, double* out);
void log_softmax(const float* x, std::int64_t n, float* out);
void log_softmax(const double* x, std::int64_t n, double* out);

// max(x - threshold, 0), after Martins & Astudillo 2016 with the threshold that Keras computes;
// `sorted` holds n elements.
template <class T>
void sparsemax(const T* x, std::int64_t n, T* out, T* sorted);
// Of the loss by x, given that by the result.
template <class T>
void sparsemax_gradient(const T* x, const T* d, std::int64_t n, T* dx, T* sorted);

}  // namespace keratin::kernels
