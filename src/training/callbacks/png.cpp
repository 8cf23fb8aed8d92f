#include "training/callbacks/png.h"

#include <algorithm>

#include "core/error.h"

namespace keratin {
namespace {

std::string big_endian(std::uint32_t value, int bytes = 4) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc ^= std::uint8_t(byte);
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data +
         big_endian(crc32(type + data));
}

// zlib's frame around blocks that are stored as they are.
std::string stored(const std::string& data) {
  std::string out = "\x78\x01";
  std::uint32_t a = 1, b = 0;  // Adler-32
  for (const char byte : data) {
    a = (a + std::uint8_t(byte)) % 65521;
    b = (b + a) % 65521;
  }
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t size = std::min<std::size_t>(data.size() - at, 65535);
    const auto low = static_cast<char>(size), high = static_cast<char>(size >> 8);
    out += at + size == data.size() ? '\1' : '\0';
    out += {low, high, static_cast<char>(~low), static_cast<char>(~high)};
    out.append(data, at, size);
    at += size;
  }
  return out + big_endian(b << 16 | a);
}

}  // namespace

std::string write_png(const std::string& pixels, std::int64_t height, std::int64_t width,
                      std::int64_t channels) {
  require(height > 0 && width > 0 &&
              static_cast<std::int64_t>(pixels.size()) == height * width * channels,
          "an image of ", height, " x ", width, " x ", channels, " has not ", pixels.size(),
          " bytes");
  const char type = channels == 1 ? 0 : channels == 3 ? 2 : 6;
  const std::string header = big_endian(static_cast<std::uint32_t>(width)) +
                             big_endian(static_cast<std::uint32_t>(height)) + '\x08' + type +
                             std::string(3, '\0');
  std::string rows;
  const auto row = static_cast<std::size_t>(width * channels);
  for (std::size_t at = 0; at < pixels.size(); at += row)
    rows += '\0' + pixels.substr(at, row);  // no filter
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", stored(rows)) +
         chunk("IEND", "");
}

}  // namespace keratin
