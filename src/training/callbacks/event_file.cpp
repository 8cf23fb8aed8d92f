#include "training/callbacks/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "training/callbacks/png.h"

namespace keratin {
namespace {

// CRC-32C (Castagnoli), rotated and shifted as TFRecord wants it.
std::uint32_t masked_crc(const std::string& bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = (c >> 1) ^ (c & 1 ? 0x82f63b78u : 0);
      t[i] = c;
    }
    return t;
  }();
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) crc = (crc >> 8) ^ table[(crc ^ std::uint8_t(byte)) & 0xff];
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

// x86-64 and aarch64 are little-endian, as the format is.
template <class T>
std::string bytes_of(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string frame(const std::string& payload) {
  const std::string length = bytes_of<std::uint64_t>(payload.size());
  return length + bytes_of(masked_crc(length)) + payload + bytes_of(masked_crc(payload));
}

// Fields of protocol buffers.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string integer(unsigned field, std::int64_t value) {
  return varint(field << 3) + varint(static_cast<std::uint64_t>(value));
}
std::string real(unsigned field, double value) { return varint(field << 3 | 1) + bytes_of(value); }
std::string text(unsigned field, const std::string& bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + bytes;
}

// TensorProto: dtype 1, tensor_shape 2 { dim 2 { size 1 } }; then its elements.
enum TensorType { kFloat = 1, kDouble = 2, kText = 7 };
std::string tensor_of(TensorType type, const Shape& shape, const std::string& elements) {
  std::string dims;
  for (const std::int64_t size : shape) dims += text(2, integer(1, size));
  return integer(1, type) + text(2, dims) + elements;
}
constexpr unsigned kContent = 4, kStrings = 8;  // its elements as bytes, or each string

constexpr int kBuckets = 30;

// [bucket, 3]: left and right edge, count.
std::vector<double> buckets_of(const Tensor& given) {
  const Tensor values = given.as(DType::kFloat64);
  std::vector<double> buckets(3 * kBuckets, 0.0);
  std::vector<double> finite;
  for (const double v : values.span<double>())
    if (std::isfinite(v)) finite.push_back(v);
  if (finite.empty()) return buckets;
  const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
  const double min = *low, max = *high, width = (max - min) / kBuckets;
  for (int i = 0; i < kBuckets; ++i) {
    buckets[std::size_t(3 * i)] = min + i * width;
    buckets[std::size_t(3 * i + 1)] = i + 1 == kBuckets ? max : min + (i + 1) * width;
  }
  for (const double v : finite) {  // of equal values, all are in the last
    const double at = width > 0 ? std::floor((v - min) / width) : kBuckets;
    ++buckets[std::size_t(3 * std::min(at, kBuckets - 1.0)) + 2];
  }
  return buckets;
}

std::string host_name() {
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

double now() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

EventFile::EventFile(const std::string& folder) {
  static std::atomic<int> number = 0;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(Code::kIo, "the folder '", folder, "' cannot be made: ", error.message());
  path_ = concat(folder, "/events.out.tfevents.", std::int64_t(now()), ".", host_name(), ".",
                 ::getpid(), ".", number++, ".v2");
  file_.open(path_, std::ios::binary | std::ios::app);
  check();
  // file_version, and who wrote it.
  add_event(0, text(3, "brain.Event:2") + text(10, text(1, "keratin")));
}

void EventFile::scalar(const std::string& tag, std::int64_t step, double value) {
  add_value(tag, step, "scalars", "",
            tensor_of(kFloat, {}, text(kContent, bytes_of(static_cast<float>(value)))));
}

void EventFile::histogram(const std::string& tag, std::int64_t step, const Tensor& values) {
  std::string bytes;
  for (const double value : buckets_of(values)) bytes += bytes_of(value);
  add_value(tag, step, "histograms", "", tensor_of(kDouble, {kBuckets, 3}, text(kContent, bytes)));
}

void EventFile::image(const std::string& tag, std::int64_t step, const Tensor& images) {
  const Shape& s = images.shape();
  const std::int64_t count = std::min<std::int64_t>(s[0], 3);
  std::string strings = text(kStrings, std::to_string(s[2])) + text(kStrings, std::to_string(s[1]));
  for (std::int64_t i = 0; i < count; ++i) {
    std::string pixels;
    const Tensor one = images.rows(i, i + 1);
    for (const float v : one.span<float>())  // NaN is black
      pixels += static_cast<char>(static_cast<int>(v > 0 ? std::min(v * 255.5f, 255.0f) : 0.0f));
    strings += text(kStrings, write_png(pixels, s[1], s[2], s[3]));
  }
  add_value(tag, step, "images", "", tensor_of(kText, {count + 2}, strings));
}

void EventFile::keras_model(const std::string& tag, std::int64_t step, const std::string& json) {
  add_value(tag, step, "graph_keras_model", "1", tensor_of(kText, {}, text(kStrings, json)));
}

void EventFile::flush() {
  file_.flush();
  check();
}

// Event: summary 5 { value 1 { tag 1, tensor 8, metadata 9 { plugin_data 1 { name 1, content 2 }}}}
void EventFile::add_value(const std::string& tag, std::int64_t step, const char* plugin,
                          const std::string& content, const std::string& tensor) {
  std::string data = text(1, plugin);
  if (!content.empty()) data += text(2, content);
  add_event(step, text(5, text(1, text(1, tag) + text(8, tensor) + text(9, text(1, data)))));
}

void EventFile::add_event(std::int64_t step, const std::string& fields) {
  const std::string framed = frame(real(1, now()) + integer(2, step) + fields);
  file_.write(framed.data(), static_cast<std::streamsize>(framed.size()));
  check();
}

void EventFile::check() const {
  if (!file_) fail(Code::kIo, "'", path_, "' cannot be written");
}

}  // namespace keratin
