// Element types, by Keras' names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace keratin {

// The values are part of the ABI (kt_dtype in keratin.h).
enum class DType : std::uint8_t {
  kFloat32 = 1,
  kFloat64 = 2,
  kInt32 = 3,
  kInt64 = 4,
  kUint8 = 5,
  kUint32 = 6,
  kBool = 7,    // one byte, 0 or 1
  kString = 8,  // a String
  kInt8 = 9,
};

// An element of a tensor of strings: any bytes, owned by the tensor or by what outlives it.
struct String {
  const char* data = nullptr;
  std::int64_t size = 0;  // bytes
  std::string_view view() const { return {data, static_cast<std::size_t>(size)}; }
};

std::size_t size_of(DType dtype);          // bytes of one element
std::string_view name_of(DType dtype);     // "float32"
DType dtype_named(std::string_view name);  // throws kInvalidArgument
inline bool is_floating(DType d) { return d == DType::kFloat32 || d == DType::kFloat64; }

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::kFloat32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::kFloat64;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::kInt32;
}
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::kInt64;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::kUint8;
}
template <>
constexpr DType dtype_of<std::uint32_t>() {
  return DType::kUint32;
}
template <>
constexpr DType dtype_of<bool>() {
  return DType::kBool;
}
template <>
constexpr DType dtype_of<std::int8_t>() {
  return DType::kInt8;
}
template <>
constexpr DType dtype_of<String>() {
  return DType::kString;
}

}  // namespace keratin
