#include "capi/handles.h"

using namespace keratin;
using namespace keratin::capi;

DType capi::dtype_of_code(kt_dtype dtype) {
  require(dtype >= KT_FLOAT32 && dtype <= KT_INT8, "dtype: ", dtype, " is not one of kt_dtype");
  return static_cast<DType>(dtype);
}

kt_error* kt_tensor_create(kt_dtype dtype, const int64_t* shape, size_t rank, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    return new kt_tensor{Tensor(dtype_of_code(dtype), shape_of(shape, rank, false))};
  });
}

kt_error* kt_tensor_over(void* data, kt_dtype dtype, const int64_t* shape, size_t rank,
                         void (*release)(void* context), void* context, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    const DType type = dtype_of_code(dtype);
    require(type != DType::kString, "dtype: strings are made by kt_tensor_of_strings");
    Shape extents = shape_of(shape, rank, false);
    if (element_count(extents) > 0) {
      require(data != nullptr, "the argument 'data' is NULL");
      require(reinterpret_cast<std::uintptr_t>(data) % size_of(type) == 0, "data: not aligned for ",
              name_of(type));
    }
    auto handle = std::make_unique<kt_tensor>();
    std::function<void()> released;
    if (release) released = [release, context] { release(context); };
    handle->tensor = Tensor::over(data, type, std::move(extents), std::move(released));
    return handle.release();
  });
}

kt_error* kt_tensor_of_strings(const char* const* strings, const size_t* sizes,
                               const int64_t* shape, size_t rank, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    Shape extents = shape_of(shape, rank, false);
    const auto count = static_cast<std::size_t>(element_count(extents));
    require(strings != nullptr || count == 0, "the argument 'strings' is NULL");
    std::vector<std::string_view> values;
    for (std::size_t i = 0; i < count; ++i) {
      require(strings[i] != nullptr, "strings[", i, "] is NULL");
      values.push_back(sizes ? std::string_view(strings[i], sizes[i])
                             : std::string_view(strings[i]));
    }
    return new kt_tensor{Tensor::of_strings(std::move(extents), values)};
  });
}

const char* kt_tensor_string(const kt_tensor* tensor, int64_t index, size_t* size) {
  if (size) *size = 0;
  return look(tensor, [&](const kt_tensor& t) -> const char* {
    if (t.tensor.dtype() != DType::kString || index < 0 || index >= t.tensor.size()) return nullptr;
    const String& element = t.tensor.data<String>()[index];
    if (size) *size = element.view().size();
    return element.data ? element.data : "";
  });
}

void* kt_tensor_data(const kt_tensor* tensor) {
  return look(tensor,
              [](const kt_tensor& t) { return t.tensor.size() ? t.tensor.raw() : nullptr; });
}

kt_dtype kt_tensor_dtype(const kt_tensor* tensor) {
  return look(tensor, [](const kt_tensor& t) { return static_cast<kt_dtype>(t.tensor.dtype()); });
}

size_t kt_tensor_rank(const kt_tensor* tensor) {
  return look(tensor, [](const kt_tensor& t) { return t.tensor.shape().size(); });
}

const int64_t* kt_tensor_shape(const kt_tensor* tensor) {
  return look(tensor, [](const kt_tensor& t) { return t.tensor.shape().data(); });
}

int64_t kt_tensor_size(const kt_tensor* tensor) {
  return look(tensor, [](const kt_tensor& t) { return t.tensor.size(); });
}

kt_error* kt_tensor_rows(const kt_tensor* tensor, int64_t begin, int64_t end, kt_tensor** rows) {
  return give(rows, "rows", [&] {
    const Tensor& t = need(tensor, "tensor").tensor;
    require(!t.shape().empty(), "tensor: a scalar has no rows");
    require(begin >= 0 && begin <= end && end <= t.shape()[0], "rows ", begin, " to ", end, " of ",
            t.shape()[0]);
    return new kt_tensor{t.rows(begin, end)};
  });
}

void kt_tensor_free(kt_tensor* tensor) { delete tensor; }
