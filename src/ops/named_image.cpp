// keras.ops.image: sizes, colors, filters. Images of rank 3, or 4 with a batch.
#include <cmath>

#include "core/error.h"
#include "ops/channels.h"
#include "ops/elementwise.h"
#include "ops/images.h"
#include "ops/named_call.h"
#include "ops/picking.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/shape.h"

namespace keratin::ops {
namespace {

std::string format_of(const OpCall& call) {
  return call.is_null("data_format") ? "channels_last" : call.text("data_format");
}

void check_rank(Value x) {
  require(x.rank() == 3 || x.rank() == 4, "expected images of rank 3 or 4, got shape ",
          to_string(x.shape()));
}

// fn(images [batch, height, width, channels], ...), floating, of the first arguments, which are
// images; and back in their form.
template <class Fn>
Values of_images(const OpCall& call, const std::string& format, const Fn& fn) {
  const Value given = call.value();
  check_rank(given);
  const Value x = to_floating(given);
  const Value y = from_channels_last(
      fn(to_channels_last(x.rank() == 3 ? expand_dims(x, 0) : x, format)), format);
  return {given.rank() == 3 ? squeeze(y, 0) : y};
}

std::vector<std::int64_t> pair_of(const OpCall& call, const char* name) {
  std::vector<std::int64_t> numbers = call.integers(name);
  if (numbers.size() == 1) numbers.assign(2, numbers[0]);
  require(numbers.size() == 2, name, ": expected two numbers, got ", numbers.size());
  return numbers;
}

// The axis of the height; the next one is the width's.
int height_axis(const OpCall& call, Value x) {
  return int(x.rank()) - (format_of(call) == "channels_first" ? 2 : 3);
}

Values resized(const OpCall& call) {
  const Value x = call.value();
  check_rank(x);
  const auto size = pair_of(call, "size");
  const int height = height_axis(call, x);
  const std::string interpolation = call.text("interpolation");
  Value y = to_floating(x);
  if (call.flag("crop_to_aspect_ratio")) y = crop_to_proportions(y, height, size[0], size[1]);
  if (call.flag("pad_to_aspect_ratio"))
    y = pad_to_proportions(y, height, size[0], size[1], call.number("fill_value"));
  y = resize_axis(y, height, size[0], interpolation, call.flag("antialias"));
  y = resize_axis(y, height + 1, size[1], interpolation, call.flag("antialias"));
  return {is_floating(x.dtype()) ? y : cast(round(y), x.dtype())};
}

// Two of three numbers that add up to `whole`, one before, one after, the third what they have to
// do with: the number before.
std::int64_t before_of(const OpCall& call, const char* before, const char* after,
                       const char* target, std::int64_t missing) {
  int given = 0;
  for (const char* name : {before, after, target}) {
    given += !call.is_null(name);
    require(call.is_null(name) || call.integer(name) >= 0, name, ": expected 0 or more, got ",
            call[name].dump());
  }
  require(given == 2, "expected just two of ", before, ", ", after, " and ", target, ", got ",
          given);
  return call.is_null(before) ? missing - call.integer(after) : call.integer(before);
}

// Zeros on each side.
Values padded(const OpCall& call) {
  const Value x = call.value();
  check_rank(x);
  Value y = widened(x);
  const char* names[2][3] = {{"top_padding", "bottom_padding", "target_height"},
                             {"left_padding", "right_padding", "target_width"}};
  for (int i = 0; i < 2; ++i) {
    const int axis = height_axis(call, x) + i;
    const auto& [before, after, target] = names[i];
    const std::int64_t n = known_extent(x, axis);
    const std::int64_t more = call.is_null(target) ? 0 : call.integer(target) - n;
    const std::int64_t first = before_of(call, before, after, target, more);
    const std::int64_t last = call.is_null(after) ? more - first : call.integer(after);
    require(first >= 0 && last >= 0, target, ": ", call[target].dump(),
            " leaves no room for an extent of ", n);
    y = zero_pad(y, axis, first, last);
  }
  return {cast(y, x.dtype())};
}

Values cropped(const OpCall& call) {
  Value x = call.value();
  check_rank(x);
  const char* names[2][3] = {{"top_cropping", "bottom_cropping", "target_height"},
                             {"left_cropping", "right_cropping", "target_width"}};
  for (int i = 0; i < 2; ++i) {
    const int axis = height_axis(call, x) + i;
    const auto& [before, after, target] = names[i];
    const std::int64_t n = known_extent(x, axis);
    const std::int64_t less = call.is_null(target) ? 0 : n - call.integer(target);
    const std::int64_t first = before_of(call, before, after, target, less);
    const std::int64_t end =
        call.is_null(target) ? n - call.integer(after) : first + call.integer(target);
    require(first >= 0 && first <= end && end <= n, "the part from ", first, " to ", end,
            " is none of an extent of ", n);
    x = slice(x, axis, first, end);
  }
  return {x};
}

void check_floating(const OpCall& call) {
  require(is_floating(call.value().dtype()), "expected floating images, got ",
          keratin::name_of(call.value().dtype()));
}

Values to_gray(const OpCall& call) {
  return {cast(of_images(call, format_of(call), to_grayscale)[0], call.value().dtype())};
}
Values hsv_of_rgb(const OpCall& call) {
  check_floating(call);
  return of_images(call, format_of(call), [](Value x) {
    const auto [hue, saturation, value] = to_hsv(x);
    return concatenate({hue, saturation, value}, 3);
  });
}
Values rgb_of_hsv(const OpCall& call) {
  check_floating(call);
  return of_images(call, format_of(call), [](Value x) {
    require(x.shape().back() == 3, "expected images of 3 channels, got shape ",
            to_string(x.shape()));
    return from_hsv({slice(x, 3, 0, 1), slice(x, 3, 1, 2), slice(x, 3, 2, 3)});
  });
}

Values blurred(const OpCall& call) {
  const auto size = pair_of(call, "kernel_size");
  const Tensor sigma = tensor_of_json(call["sigma"]).as(DType::kFloat64);
  require(sigma.size() == 2 && size[0] > 0 && size[1] > 0,
          "kernel_size and sigma: expected two numbers above 0 each, got ",
          call["kernel_size"].dump(), " and ", call["sigma"].dump());
  return of_images(call, format_of(call), [&](Value x) {
    const auto along = [&](Value y, int axis, std::size_t i) {
      return blur(y, axis, size[i], x.graph().constant(sigma.data<double>()[i], x.dtype()));
    };
    return along(along(x, 2, 0), 1, 1);
  });
}

// How fast values grow downwards and across, as a new last axis.
Values edges(const OpCall& call) {
  const Value given = call.value();
  require(given.rank() == 4, "expected images of rank 4, got shape ", to_string(given.shape()));
  const std::string format = format_of(call);
  const Value x = to_channels_last(to_floating(given), format);
  const std::int64_t channels = x.shape().back();
  const double smooth[] = {1, 2, 1}, slope[] = {-1, 0, 1};
  Tensor kernel(DType::kFloat64, {3, 3, channels, 2});
  double* k = kernel.data<double>();
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 3; ++column)
      for (std::int64_t c = 0; c < channels; ++c) {
        *k++ = slope[row] * smooth[column];
        *k++ = smooth[row] * slope[column];
      }
  Value y =
      depthwise_conv(x, x.graph().constant(kernel.as(x.dtype())), {1, 1}, {1, 1}, Padding::kSame);
  y = reshape(y, {kUnknown, x.shape()[1], x.shape()[2], channels, 2});
  if (format == "channels_first") y = move_axes(y, {3}, {1});
  return {cast(y, given.dtype())};
}

// Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
Values similarity(const OpCall& call) {
  const std::string format = format_of(call);
  const std::int64_t size = call.integer("filter_size");
  const auto images = [&](std::size_t i) {
    const Value x = call.floating(i);
    check_rank(x);
    return to_channels_last(x.rank() == 3 ? expand_dims(x, 0) : x, format);
  };
  const Value a = images(0), b = images(1);
  const Value sigma = a.graph().constant(call.number("filter_sigma"), a.dtype());
  const auto mean_of = [&](Value x) {
    return blur(blur(x, 1, size, sigma, Padding::kValid), 2, size, sigma, Padding::kValid);
  };
  const double c1 = std::pow(call.number("k1") * call.number("max_val"), 2);
  const double c2 = std::pow(call.number("k2") * call.number("max_val"), 2);
  const Value mean_a = mean_of(a), mean_b = mean_of(b);
  const Value aa = square(mean_a), bb = square(mean_b), ab = mean_a * mean_b;
  const Value spread = mean_of(square(a)) + mean_of(square(b)) - aa - bb;
  const Value common = mean_of(a * b) - ab;
  const Value y =
      mean((2.0 * ab + c1) * (2.0 * common + c2) / ((aa + bb + c1) * (spread + c2)), {1, 2, 3});
  const Value given = call.value(0);
  return {cast(given.rank() == 3 ? squeeze(y, 0) : y, given.dtype())};
}

#define FORMAT "data_format: string? = null"
#define SIDES(what)                                                             \
  "images; top_" what ": int? = null; left_" what ": int? = null; bottom_" what \
  ": int? = null; right_" what                                                  \
  ": int? = null; target_height: int? = null; target_width: int? "              \
  "= null; " FORMAT

constexpr OpRow kRows[] = {
    {"image.resize", "image.Resize",
     "images; size: list of int; interpolation: string = \"bilinear\"; antialias: bool = false; "
     "crop_to_aspect_ratio: bool = false; pad_to_aspect_ratio: bool = false; fill_mode: string = "
     "\"constant\"; fill_value: float = 0.0; " FORMAT,
     "Images of another size.", resized},
    {"image.pad_images", "image.PadImages", SIDES("padding"), "Images with zeros around.", padded},
    {"image.crop_images", "image.CropImages", SIDES("cropping"), "Parts of images.", cropped},
    {"image.rgb_to_grayscale", "image.RGBToGrayscale", "images; " FORMAT, "One channel of three.",
     to_gray},
    {"image.rgb_to_hsv", "image.RGBToHSV", "images; " FORMAT,
     "Hue, saturation and value of red, green and blue.", hsv_of_rgb},
    {"image.hsv_to_rgb", "image.HSVToRGB", "images; " FORMAT,
     "Red, green and blue of hue, saturation and value.", rgb_of_hsv},
    {"image.gaussian_blur", "image.GaussianBlur",
     "images; kernel_size: list of int = [3, 3]; sigma: any = [1.0, 1.0]; " FORMAT,
     "Images blurred by a bell.", blurred},
    {"image.sobel_edges", "image.SobelEdges", "images; " FORMAT,
     "How fast values grow downwards and across.", edges},
    {"image.ssim", "image.SSIM",
     "image1, image2; max_val: float = 1.0; filter_size: int = 11; filter_sigma: float = 1.5; k1: "
     "float = 0.01; k2: float = 0.03; " FORMAT,
     "Structural similarity of images.", similarity},
};
KERATIN_REGISTER_OPS(kRows);

}  // namespace
}  // namespace keratin::ops
