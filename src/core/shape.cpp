#include "core/shape.h"

#include <algorithm>

#include "core/error.h"

namespace keratin {

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i) text += ", ";
    text += shape[i] == kUnknown ? "None" : std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (std::int64_t extent : shape) {
    require(extent >= 0, "shape ", to_string(shape), " has no known size");
    require(!__builtin_mul_overflow(count, extent, &count), "shape ", to_string(shape),
            " has too many elements");
  }
  return count;
}

bool is_static(const Shape& shape) {
  return std::none_of(shape.begin(), shape.end(), [](std::int64_t e) { return e < 0; });
}

bool compatible(const Shape& a, const Shape& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && a[i] != kUnknown && b[i] != kUnknown) return false;
  return true;
}

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    std::int64_t& o = out[out.size() - 1 - i];
    if (x == y || y == 1) {
      o = x;
    } else if (x == 1) {
      o = y;
    } else if (x == kUnknown) {
      o = y;
    } else if (y == kUnknown) {
      o = x;
    } else {
      fail(Code::kInvalidArgument, "shapes ", to_string(a), " and ", to_string(b),
           " cannot be broadcast together");
    }
  }
  return out;
}

int normalize_axis(std::int64_t axis, std::size_t rank) {
  const auto r = static_cast<std::int64_t>(rank);
  require(axis >= -r && axis < r, "axis ", axis, " is out of range for a tensor of rank ", rank);
  return static_cast<int>(axis < 0 ? axis + r : axis);
}

std::int64_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::int64_t p = 1;
  for (std::size_t i = begin; i < end; ++i) p *= shape[i];
  return p;
}

}  // namespace keratin
