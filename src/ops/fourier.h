// Fourier transforms along the last axis, whose extent is known. Complex numbers are pairs of their
// real and imaginary parts, of one shape and floating dtype. Any length.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/json.h"
#include "graph/graph.h"

namespace keratin::ops {

// sum_j x[j] e^(-2 pi i j k / n); inverse: with + in the exponent and over n.
std::pair<Value, Value> fourier(Value re, Value im, bool inverse = false);
// The same of real x [..., n], k = 0 .. n / 2.
std::pair<Value, Value> real_fourier(Value x);
// Its inverse [..., n], of [..., n / 2 + 1]: what has to be real is taken so.
Value inverse_real_fourier(Value re, Value im, std::int64_t n);

// Every `stride`th run of `length` elements: [..., n] -> [..., 1 + (n - length) / stride, length].
// Any dtype; gradients for floating ones.
Value sequences(Value x, std::int64_t length, std::int64_t stride);
// The reverse: x [..., count, length] added up in the places that sequences() took them from, of n.
Value overlap_added(Value x, std::int64_t stride, std::int64_t n);

// A window of `length` numbers in the middle of `width` ones: "hann" or "hamming" (periodic), ones
// for null, or the numbers themselves, in a list or as Keras saves an array.
std::vector<double> spectrum_window(const Json& window, std::int64_t length, std::int64_t width);

// Transforms [..., frames, n / 2 + 1] of windows of n elements, `stride` apart. centered: x is
// mirrored at its ends, so that the middle of frame t is element t * stride.
std::pair<Value, Value> short_time_fourier(Value x, const std::vector<double>& window,
                                           std::int64_t stride, bool centered);
// The signal whose windows' transforms these are, where windows overlap: Griffin and Lim 1984.
Value inverse_short_time_fourier(Value re, Value im, const std::vector<double>& window,
                                 std::int64_t stride, bool centered,
                                 std::optional<std::int64_t> length);

}  // namespace keratin::ops
