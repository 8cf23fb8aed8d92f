// A dense, contiguous, row-major array. Copies of a Tensor share the elements.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/dtype.h"
#include "core/error.h"
#include "core/shape.h"

namespace keratin {

class Tensor {
 public:
  Tensor() = default;                // no elements, no dtype; empty() is true
  Tensor(DType dtype, Shape shape);  // owned, zeroed, 64-byte aligned

  // Over the caller's memory, which must stay until `release` is called (once, when the last copy
  // goes; it may be empty).
  static Tensor over(void* data, DType dtype, Shape shape, std::function<void()> release = {});

  template <class T>
  static Tensor of(Shape shape, const std::vector<T>& values) {
    Tensor t(dtype_of<T>(), std::move(shape));
    require(static_cast<std::int64_t>(values.size()) == t.size(), "expected ", t.size(),
            " values for shape ", to_string(t.shape()), ", got ", values.size());
    for (std::size_t i = 0; i < values.size(); ++i) t.data<T>()[i] = values[i];
    return t;
  }
  template <class T>
  static Tensor scalar(T value) {
    return of<T>({}, std::vector<T>{value});
  }

  // Strings, copied.
  static Tensor of_strings(Shape shape, const std::vector<std::string_view>& values);

  bool empty() const { return data_ == nullptr; }
  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return size_; }  // elements
  std::size_t bytes() const { return std::size_t(size_) * size_of(dtype_); }
  void* raw() const { return data_.get(); }

  // The elements as T, which must be the dtype's type.
  template <class T>
  T* data() const {
    if (dtype_of<T>() != dtype_) [[unlikely]]
      fail(Code::kInternal, "tensor of ", name_of(dtype_), " read as ", name_of(dtype_of<T>()));
    return static_cast<T*>(data_.get());
  }
  template <class T>
  std::span<T> span() const {
    return {data<T>(), std::size_t(size_)};
  }

  Tensor clone() const;                // owned copy, of strings, too
  Tensor reshaped(Shape shape) const;  // same elements, shared
  // Converted copy, or itself if already of that dtype. Strings and numbers do not convert.
  Tensor as(DType dtype) const;
  Tensor rows(std::int64_t begin, std::int64_t end) const;  // of the first axis, shared

  // Shares a part of another tensor's memory, starting at an element offset, which stays alive.
  Tensor view(std::int64_t offset, Shape shape) const;

  // Copies the elements of `other` (same dtype, same shape) into this one's memory.
  void assign(const Tensor& other) const;

 private:
  std::shared_ptr<void> data_;
  DType dtype_ = DType::kFloat32;
  Shape shape_;
  std::int64_t size_ = 0;
};

}  // namespace keratin
