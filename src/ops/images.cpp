#include "ops/images.h"

#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

Value channel(Value images, int i) { return slice(images, 3, i, i + 1); }

}  // namespace

Value counted_along(Value like, std::int64_t count, int axis) {
  Shape shape{1, 1, 1, 1};
  shape[std::size_t(axis)] = count;
  Tensor numbers(DType::kFloat32, shape);
  for (std::int64_t i = 0; i < count; ++i) numbers.data<float>()[i] = float(i);
  return like.graph().constant(numbers.as(like.dtype()));
}

Value to_grayscale(Value images) {
  const std::int64_t channels = images.shape().back();
  require(channels == 1 || channels == 3, "expected images of 1 or 3 channels, got shape ",
          to_string(images.shape()));
  if (channels == 1) return images;
  return channel(images, 0) * 0.2989 + channel(images, 1) * 0.5870 + channel(images, 2) * 0.1140;
}

Hsv to_hsv(Value x) {
  require(x.shape().back() == 3, "expected images of 3 channels, got shape ", to_string(x.shape()));
  x = where(less(abs(x), 1.1920929e-7), 0.0, x);
  const Value r = channel(x, 0), g = channel(x, 1), b = channel(x, 2);
  const Value v = maximum(maximum(r, g), b);
  const Value range = v - minimum(minimum(r, g), b);
  const Value is_color = greater(range, 0.0), is_bright = greater(v, 0.0);
  const Value s = where(is_bright, range / where(is_bright, v, 1.0), 0.0);
  const Value norm = 1.0 / (where(is_color, range, 1.0) * 6.0);
  Value h = where(equal(v, g), norm * (b - r) + 2.0 / 6, norm * (r - g) + 4.0 / 6);
  h = where(equal(v, r), norm * (g - b), h);
  h = where(is_color, h, 0.0) + less(h, 0.0);
  return {h, s, v};
}

Value from_hsv(const Hsv& of) {
  const Value at = (of.hue - floor(of.hue)) * 6.0;
  const auto share = [&](Value part) {
    return of.value * (1.0 - of.saturation + of.saturation * clip(part, 0, 1));
  };
  return concatenate(
      {share(abs(at - 3.0) - 1.0), share(2.0 - abs(at - 2.0)), share(2.0 - abs(at - 4.0))}, 3);
}

Value blur(Value images, int axis, std::int64_t size, Value sigma, Padding padding) {
  const Value x = (counted_along(images, size, axis - 1) - double(size - 1) / 2) / sigma;
  Value kernel = exp(square(x) * -0.5);
  kernel = kernel / sum(kernel);
  const std::int64_t channels = images.shape()[3];
  kernel = kernel + images.graph().constant(Tensor(images.dtype(), {1, 1, channels, 1}));
  return depthwise_conv(images, kernel, {1, 1}, {1, 1}, padding);
}

}  // namespace keratin::ops
