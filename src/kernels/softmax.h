// Normalised exponentials of rows. `out` may be `x`. Rows of no elements are left alone.
#pragma once

#include <cstdint>

namespace keratin::kernels {

void softmax(const float* x, std::int64_t n, float* out);
void softmax(const double* x, std::int64_t n, double* out);
void log_softmax(const float* x, std::int64_t n, float* out);
void log_softmax(const double* x, std::int64_t n, double* out);

// What a softmax that is to be computed again keeps of a row: softmax(x) = exp(x - top) inverse.
template <class T>
struct SoftmaxRow {
  T top, inverse;
};
// x becomes softmax(scale x).
SoftmaxRow<float> softmax_scaled(float* x, std::int64_t n, float scale);
SoftmaxRow<double> softmax_scaled(double* x, std::int64_t n, double scale);
// The same bits again, from the same x and what the first call gave.
void softmax_again(float* x, std::int64_t n, float scale, SoftmaxRow<float> row);
void softmax_again(double* x, std::int64_t n, double scale, SoftmaxRow<double> row);
// d of the loss by y = softmax(scale x) becomes that by x.
void softmax_scaled_gradient(const float* y, std::int64_t n, float scale, float* d);
void softmax_scaled_gradient(const double* y, std::int64_t n, double scale, double* d);

// max(x - threshold, 0), after Martins & Astudillo 2016 with the threshold that Keras computes;
// `sorted` holds n elements.
template <class T>
void sparsemax(const T* x, std::int64_t n, T* out, T* sorted);
// Of the loss by x, given that by the result.
template <class T>
void sparsemax_gradient(const T* x, const T* d, std::int64_t n, T* dx, T* sorted);

}  // namespace keratin::kernels
