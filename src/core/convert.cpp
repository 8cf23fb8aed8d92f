#include "core/convert.h"

#include <type_traits>

#include "core/error.h"

namespace keratin {
namespace {

template <class To, class From>
void convert_all(const From* from, To* to, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<To, bool>)
      to[i] = from[i] != From(0);
    else
      to[i] = static_cast<To>(from[i]);
  }
}

template <class F>
void visit(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kFloat32:
      return f(float{});
    case DType::kFloat64:
      return f(double{});
    case DType::kInt32:
      return f(std::int32_t{});
    case DType::kInt64:
      return f(std::int64_t{});
    case DType::kInt8:
      return f(std::int8_t{});
    case DType::kUint8:
      return f(std::uint8_t{});
    case DType::kUint32:
      return f(std::uint32_t{});
    case DType::kBool:
      return f(bool{});
    case DType::kString:
      break;
  }
}

}  // namespace

void check_convertible(DType from, DType to) {
  require((from == DType::kString) == (to == DType::kString), "expected ", name_of(to), ", got ",
          name_of(from));
}

void convert(const void* from, DType from_dtype, void* to, DType to_dtype, std::int64_t count) {
  visit(from_dtype, [&](auto f) {
    visit(to_dtype, [&](auto t) {
      convert_all(static_cast<const decltype(f)*>(from), static_cast<decltype(t)*>(to), count);
    });
  });
}

}  // namespace keratin
