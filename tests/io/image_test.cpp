#include "io/image.h"

#include <gtest/gtest.h>
#include <png.h>
#include <turbojpeg.h>

#include "core/error.h"

namespace keratin::io {
namespace {

// Height 2, width 3.
const std::vector<std::uint8_t> kPixels = {255, 0,  0,  0,  255, 0,  0,   0,   255,
                                           10,  20, 30, 40, 50,  60, 255, 255, 255};

std::string png(std::uint32_t width, std::uint32_t height, std::uint32_t format,
                const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string bytes(size, '\0');
  EXPECT_TRUE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr));
  bytes.resize(size);
  return bytes;
}

std::string jpeg(int width, int height, const std::vector<std::uint8_t>& rgb) {
  const tjhandle encoder = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(encoder, rgb.data(), width, 0, height, TJPF_RGB, &data, &size, TJSAMP_444,
                        100, 0),
            0);
  std::string bytes(reinterpret_cast<char*>(data), size);
  tjFree(data);
  tjDestroy(encoder);
  return bytes;
}

std::vector<std::uint8_t> elements(const Tensor& image) {
  const auto span = image.span<std::uint8_t>();
  return {span.begin(), span.end()};
}

Code code_of(const std::string& bytes, std::int64_t channels = 3) {
  try {
    decode_image(bytes, "a.png", channels);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a.png"), std::string::npos) << error.what();
    return error.code();
  }
  return Code::kInternal;
}

TEST(Png, ColoursAreExact) {
  const Tensor image = decode_image(png(3, 2, PNG_FORMAT_RGB, kPixels), "a.png", 3);
  EXPECT_EQ(image.shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(elements(image), kPixels);
}

TEST(Png, GreyIsWeighedAndRepeated) {
  const Tensor grey = decode_image(png(3, 2, PNG_FORMAT_RGB, kPixels), "a.png", 1);
  EXPECT_EQ(elements(grey), (std::vector<std::uint8_t>{76, 150, 29, 18, 48, 255}));
  const Tensor rgb = decode_image(png(2, 1, PNG_FORMAT_GRAY, {7, 200}), "a.png", 3);
  EXPECT_EQ(elements(rgb), (std::vector<std::uint8_t>{7, 7, 7, 200, 200, 200}));
}

TEST(Png, TransparencyIsKeptDroppedOrFull) {
  const std::string bytes = png(2, 1, PNG_FORMAT_RGBA, {1, 2, 3, 255, 40, 50, 60, 255});
  EXPECT_EQ(elements(decode_image(bytes, "a.png", 4)),
            (std::vector<std::uint8_t>{1, 2, 3, 255, 40, 50, 60, 255}));
  EXPECT_EQ(elements(decode_image(bytes, "a.png", 3)),
            (std::vector<std::uint8_t>{1, 2, 3, 40, 50, 60}));
  EXPECT_EQ(elements(decode_image(png(1, 1, PNG_FORMAT_RGB, {9, 8, 7}), "a.png", 4)),
            (std::vector<std::uint8_t>{9, 8, 7, 255}));
}

TEST(Jpeg, IsNearWhatWasWritten) {
  std::vector<std::uint8_t> rgb;
  for (int i = 0; i < 16 * 8; ++i)
    for (int c = 0; c < 3; ++c) rgb.push_back(std::uint8_t(100 + i % 16 + 20 * c));
  const std::string bytes = jpeg(16, 8, rgb);
  const Tensor image = decode_image(bytes, "a.jpg", 3);
  ASSERT_EQ(image.shape(), (Shape{8, 16, 3}));
  for (std::size_t i = 0; i < rgb.size(); ++i)
    EXPECT_NEAR(image.data<std::uint8_t>()[i], rgb[i], 3) << i;
  EXPECT_EQ(decode_image(bytes, "a.jpg", 1).shape(), (Shape{8, 16, 1}));
  EXPECT_EQ(decode_image(bytes, "a.jpg", 4).data<std::uint8_t>()[3], 255);
}

TEST(Image, BadFilesAreErrors) {
  const std::string png_bytes = png(3, 2, PNG_FORMAT_RGB, kPixels), other = "GIF89a";
  EXPECT_EQ(code_of(other), Code::kUnsupported);
  EXPECT_EQ(code_of(""), Code::kUnsupported);
  EXPECT_EQ(code_of(png_bytes, 2), Code::kInvalidArgument);
  for (std::size_t size = 8; size + 12 < png_bytes.size(); size += 3)
    EXPECT_EQ(code_of(png_bytes.substr(0, size)), Code::kCorrupt) << size;
  EXPECT_EQ(code_of("\xFF\xD8\xFF"), Code::kCorrupt);
  std::string huge = png_bytes;  // its width in the header, whose checksum no more fits
  huge[16] = '\x7F';
  EXPECT_EQ(code_of(huge), Code::kCorrupt);
}

TEST(Image, ResizesAsTheLayerDoes) {
  const Tensor image = Tensor::of<std::uint8_t>({2, 2, 1}, {0, 100, 200, 60});
  const Tensor up = resized_image(image, 4, 4, "bilinear");
  ASSERT_EQ(up.shape(), (Shape{4, 4, 1}));
  EXPECT_FLOAT_EQ(up.data<float>()[0], 0);
  EXPECT_FLOAT_EQ(up.data<float>()[1], 25);
  EXPECT_FLOAT_EQ(up.data<float>()[4], 50);
  EXPECT_FLOAT_EQ(up.data<float>()[5], 0.75f * 25 + 0.25f * 165);
  EXPECT_THROW(resized_image(image, 4, 4, "best"), Error);
  EXPECT_THROW(resized_image(image, 0, 4, "bilinear"), Error);
}

}  // namespace
}  // namespace keratin::io
