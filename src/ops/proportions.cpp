// Images cut or padded to the proportions of a target.
#include <algorithm>

#include "ops/elementwise.h"
#include "ops/picking.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

// The largest box of the target's proportions in the middle of the image, or, of `outside`, the
// smallest around it.
struct Box {
  std::int64_t height, width;
  Box(std::int64_t h, std::int64_t w, std::int64_t target_h, std::int64_t target_w, bool outside) {
    const auto fit = [](std::int64_t extent, std::int64_t a, std::int64_t b) {
      return std::int64_t(double(extent * a) / double(b));
    };
    height = fit(w, target_h, target_w);
    width = fit(h, target_w, target_h);
    if (outside) {
      height = std::max(h, height);
      width = std::max(w, width);
    } else {
      height = std::max<std::int64_t>(1, std::min(h, height));
      width = std::max<std::int64_t>(1, std::min(w, width));
    }
  }
};

}  // namespace

Value middle(Value x, int axis, std::int64_t extent) {
  const std::int64_t whole = known_extent(x, axis), begin = (whole - extent) / 2;
  return whole == extent ? x : slice(x, axis, begin, begin + extent);
}

Value crop_to_proportions(Value x, int axis, std::int64_t height, std::int64_t width) {
  const Box box(known_extent(x, axis), known_extent(x, axis + 1), height, width, false);
  return middle(middle(x, axis, box.height), axis + 1, box.width);
}

Value pad_to_proportions(Value x, int axis, std::int64_t height, std::int64_t width, double fill) {
  const std::int64_t h = known_extent(x, axis), w = known_extent(x, axis + 1);
  const Box box(h, w, height, width, true);
  // Keras puts as much after as before.
  const std::int64_t top = (box.height - h) / 2, left = (box.width - w) / 2;
  x = x - fill;
  x = top > 0 ? zero_pad(x, axis, top, top) : zero_pad(x, axis + 1, left, left);
  return x + fill;
}

}  // namespace keratin::ops
