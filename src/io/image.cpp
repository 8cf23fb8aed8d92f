#include "io/image.h"

#include <png.h>
#include <turbojpeg.h>

#include <memory>

#include "core/error.h"
#include "ops/resample.h"

namespace keratin::io {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 28;

Tensor pixels(std::int64_t height, std::int64_t width, std::int64_t channels,
              const std::string& what) {
  if (height <= 0 || width <= 0 || height > kMostPixels / width)
    fail(Code::kCorrupt, what, ": a picture of ", height, " by ", width, " pixels is refused");
  return Tensor(DType::kUint8, {height, width, channels});
}

std::uint8_t grey(const std::uint8_t* rgb) {
  return std::uint8_t((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}

// Of 3 or 4 channels, to the number that is wanted.
Tensor with_channels(const Tensor& image, std::int64_t channels) {
  const std::int64_t given = image.shape()[2];
  if (given == channels) return image;
  Tensor out(DType::kUint8, {image.shape()[0], image.shape()[1], channels});
  const std::uint8_t* from = image.data<std::uint8_t>();
  std::uint8_t* to = out.data<std::uint8_t>();
  for (std::int64_t i = 0, n = image.size() / given; i < n; ++i, from += given, to += channels) {
    if (channels == 1) {
      *to = grey(from);
      continue;
    }
    for (int c = 0; c < 3; ++c) to[c] = from[c];
    if (channels == 4) to[3] = given == 4 ? from[3] : 255;
  }
  return out;
}

Tensor decode_png(std::string_view bytes, const std::string& what, std::int64_t channels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, void (*)(png_image*)> held(&image, png_image_free);
  const auto check = [&](int good) {
    if (!good || PNG_IMAGE_FAILED(image)) fail(Code::kCorrupt, what, ": ", image.message);
  };
  check(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
  image.format = PNG_FORMAT_RGBA;  // else transparent pixels would be mixed with a background
  const Tensor all = pixels(image.height, image.width, 4, what);
  check(png_image_finish_read(&image, nullptr, all.raw(), 0, nullptr));
  return with_channels(all, channels);
}

Tensor decode_jpeg(std::string_view bytes, const std::string& what, std::int64_t channels) {
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  if (!decoder) fail(Code::kOutOfMemory, what, ": no memory for a decoder");
  const auto check = [&](int status) {
    if (status != 0) fail(Code::kCorrupt, what, ": ", tjGetErrorStr2(decoder.get()));
  };
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, sampling = 0, colours = 0;
  check(
      tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling, &colours));
  if (colours == TJCS_CMYK || colours == TJCS_YCCK)
    fail(Code::kUnsupported, what, ": a JPEG picture in CMYK colours");
  const Tensor image = pixels(height, width, channels == 1 ? 1 : 3, what);
  check(tjDecompress2(decoder.get(), data, bytes.size(), image.data<std::uint8_t>(), width, 0,
                      height, channels == 1 ? TJPF_GRAY : TJPF_RGB, TJFLAG_ACCURATEDCT));
  return channels == 1 ? image : with_channels(image, channels);
}

}  // namespace

Tensor decode_image(std::string_view bytes, const std::string& what, std::int64_t channels) {
  require(channels == 1 || channels == 3 || channels == 4, what,
          ": expected 1, 3 or 4 channels, got ", channels);
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return decode_png(bytes, what, channels);
  if (bytes.starts_with("\xFF\xD8")) return decode_jpeg(bytes, what, channels);
  fail(Code::kUnsupported, what, ": expected a PNG or JPEG picture");
}

Tensor resized_image(const Tensor& image, std::int64_t height, std::int64_t width,
                     std::string_view interpolation) {
  const Shape& shape = image.shape();
  const Tensor pixels = image.as(DType::kFloat32);
  Tensor rows(DType::kFloat32, {height, shape[1], shape[2]});
  kernels::resample(ops::resize_map(shape[0], height, interpolation), 1, shape[1] * shape[2],
                    pixels.data<float>(), rows.data<float>());
  Tensor out(DType::kFloat32, {height, width, shape[2]});
  kernels::resample(ops::resize_map(shape[1], width, interpolation), height, shape[2],
                    rows.data<float>(), out.data<float>());
  return out;
}

}  // namespace keratin::io
