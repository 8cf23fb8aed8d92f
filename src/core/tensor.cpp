#include "core/tensor.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "core/convert.h"

namespace keratin {
namespace {

constexpr std::size_t kAlignment = 64;

// Strings with their bytes, which follow one another.
struct Strings {
  std::vector<String> elements;
  std::string bytes;
};

}  // namespace

Tensor Tensor::of_strings(Shape shape, const std::vector<std::string_view>& values) {
  Tensor t;
  t.dtype_ = DType::kString;
  t.shape_ = std::move(shape);
  t.size_ = element_count(t.shape_);
  require(static_cast<std::int64_t>(values.size()) == t.size_, "expected ", t.size_,
          " strings for shape ", to_string(t.shape_), ", got ", values.size());
  const auto strings = std::make_shared<Strings>();
  std::size_t bytes = 0;
  for (const std::string_view value : values) bytes += value.size();
  strings->bytes.reserve(bytes);
  strings->elements.reserve(values.size() + 1);
  for (const std::string_view value : values) {
    strings->elements.push_back(
        {strings->bytes.data() + strings->bytes.size(), static_cast<std::int64_t>(value.size())});
    strings->bytes += value;
  }
  t.data_ = std::shared_ptr<void>(strings, strings->elements.data());
  return t;
}

Tensor::Tensor(DType dtype, Shape shape)
    : dtype_(dtype), shape_(std::move(shape)), size_(element_count(shape_)) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(std::size_t(size_), size_of(dtype), &bytes) || bytes > PTRDIFF_MAX / 2)
    fail(Code::kOutOfMemory, "a tensor of shape ", to_string(shape_), " is too large");
  bytes = (bytes / kAlignment + 1) * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, bytes);
  if (!memory) fail(Code::kOutOfMemory, "no memory for a tensor of shape ", to_string(shape_));
  std::memset(memory, 0, bytes);
  data_.reset(memory, std::free);
}

Tensor Tensor::over(void* data, DType dtype, Shape shape, std::function<void()> release) {
  Tensor t;
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.size_ = element_count(t.shape_);
  require(data != nullptr || t.size_ == 0, "the memory of a tensor of shape ", to_string(t.shape_),
          " is NULL");
  static char nothing[kAlignment];
  t.data_.reset(data ? data : nothing, [release = std::move(release)](void*) {
    if (release) release();
  });
  return t;
}

Tensor Tensor::clone() const {
  if (empty()) return {};
  if (dtype_ == DType::kString) {
    std::vector<std::string_view> values;
    for (const String& element : span<String>()) values.push_back(element.view());
    return of_strings(shape_, values);
  }
  Tensor copy(dtype_, shape_);
  std::memcpy(copy.raw(), raw(), bytes());
  return copy;
}

Tensor Tensor::reshaped(Shape shape) const {
  Tensor t = *this;
  require(element_count(shape) == size_, "a tensor of shape ", to_string(shape_),
          " cannot be seen as ", to_string(shape));
  t.shape_ = std::move(shape);
  return t;
}

Tensor Tensor::as(DType dtype) const {
  if (dtype == dtype_) return *this;
  check_convertible(dtype_, dtype);
  Tensor out(dtype, shape_);
  convert(raw(), dtype_, out.raw(), dtype, size_);
  return out;
}

Tensor Tensor::rows(std::int64_t begin, std::int64_t end) const {
  require(!shape_.empty() && begin >= 0 && begin <= end && end <= shape_[0], "rows ", begin, " to ",
          end, " of a tensor of shape ", to_string(shape_));
  Shape shape = shape_;
  shape[0] = end - begin;
  return view(begin * product(shape_, 1, shape_.size()), std::move(shape));
}

Tensor Tensor::view(std::int64_t offset, Shape shape) const {
  Tensor t;
  t.dtype_ = dtype_;
  t.size_ = element_count(shape);
  t.shape_ = std::move(shape);
  require(offset >= 0 && offset + t.size_ <= size_, "a view of ", t.size_, " elements from ",
          offset, " leaves a tensor of ", size_);
  t.data_ = std::shared_ptr<void>(
      data_, static_cast<char*>(data_.get()) + std::size_t(offset) * size_of(dtype_));
  return t;
}

void Tensor::assign(const Tensor& other) const {
  require(other.dtype_ == dtype_ && other.shape_ == shape_, "expected ", name_of(dtype_),
          " of shape ", to_string(shape_), ", got ", name_of(other.dtype_), " of shape ",
          to_string(other.shape_));
  std::memcpy(raw(), other.raw(), bytes());
}

}  // namespace keratin
