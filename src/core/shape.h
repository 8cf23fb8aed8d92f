// Shapes: extents of the axes, row-major. A symbolic shape may hold kUnknown, the batch axis (or an
// axis that depends on it) before a plan binds it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace keratin {

using Shape = std::vector<std::int64_t>;
inline constexpr std::int64_t kUnknown = -1;

// "(None, 8)", as Keras prints shapes.
std::string to_string(const Shape& shape);

// Number of elements; throws if an extent is unknown, negative or the product overflows.
std::int64_t element_count(const Shape& shape);

bool is_static(const Shape& shape);  // no unknown extents

// True if both have the same rank and no axis with two different known extents.
bool compatible(const Shape& a, const Shape& b);

// NumPy's broadcasting; an unknown extent yields to a known one other than 1, else stays unknown.
// Throws kInvalidArgument naming both shapes.
Shape broadcast_shapes(const Shape& a, const Shape& b);

// A Keras axis (-rank .. rank-1) as 0 .. rank-1; throws kInvalidArgument.
int normalize_axis(std::int64_t axis, std::size_t rank);

// Product of shape[begin..end).
std::int64_t product(const Shape& shape, std::size_t begin, std::size_t end);

}  // namespace keratin
