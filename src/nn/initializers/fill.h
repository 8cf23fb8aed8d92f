// How initializers write elements of any dtype.
#pragma once

#include "core/tensor.h"

namespace keratin {

// Calls fn with a null pointer of the dtype's element type.
template <class Fn>
void with_type(DType dtype, Fn&& fn) {
  switch (dtype) {
    case DType::kFloat32:
      return fn(static_cast<float*>(nullptr));
    case DType::kFloat64:
      return fn(static_cast<double*>(nullptr));
    case DType::kInt32:
      return fn(static_cast<std::int32_t*>(nullptr));
    case DType::kInt64:
      return fn(static_cast<std::int64_t*>(nullptr));
    case DType::kInt8:
      return fn(static_cast<std::int8_t*>(nullptr));
    case DType::kUint8:
      return fn(static_cast<std::uint8_t*>(nullptr));
    case DType::kUint32:
      return fn(static_cast<std::uint32_t*>(nullptr));
    case DType::kBool:
      return fn(static_cast<bool*>(nullptr));
    case DType::kString:
      fail(Code::kInvalidArgument, "a weight cannot hold strings");
  }
}

// A new tensor whose element i is next(i), a double, converted; the calls are made in order.
template <class Next>
Tensor filled(DType dtype, const Shape& shape, Next&& next) {
  Tensor tensor(dtype, shape);
  with_type(dtype, [&]<class T>(T*) {
    T* elements = tensor.data<T>();
    for (std::int64_t i = 0; i < tensor.size(); ++i) elements[i] = static_cast<T>(next(i));
  });
  return tensor;
}

// Throws kUnsupported for a dtype that random values cannot have.
void require_floating(const char* initializer, DType dtype);

}  // namespace keratin
