// DLPack's exchange format, as its specification lays it out (version 0.8; the "unversioned"
// capsule).
#include "capi/handles.h"

extern "C" {
struct DLTensor {
  void* data;
  struct {
    int32_t device_type, device_id;
  } device;
  int32_t ndim;
  struct {
    uint8_t code, bits;
    uint16_t lanes;
  } dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; NULL: compact
  uint64_t byte_offset;
};

struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);
};
}

using namespace keratin;
using namespace keratin::capi;

namespace {

constexpr int32_t kProcessor = 1;

struct Element {
  DType dtype;
  uint8_t code, bits;
};
constexpr Element kElements[] = {
    {DType::kFloat32, 2, 32}, {DType::kFloat64, 2, 64}, {DType::kInt32, 0, 32},
    {DType::kInt64, 0, 64},   {DType::kUint8, 1, 8},    {DType::kUint32, 1, 32},
    {DType::kBool, 6, 8},     {DType::kInt8, 0, 8},
};

DType dtype_of_element(const DLTensor& t) {
  for (const Element& element : kElements)
    if (element.code == t.dtype.code && element.bits == t.dtype.bits && t.dtype.lanes == 1)
      return element.dtype;
  fail(Code::kUnsupported, "DLPack tensor: elements of type code ", int(t.dtype.code), ", ",
       int(t.dtype.bits), " bits, ", t.dtype.lanes, " lanes");
}

std::vector<int64_t> compact_strides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) strides[axis] = stride;
  return strides;
}

void check_strides(const DLTensor& t, const Shape& shape) {
  if (!t.strides || element_count(shape) == 0) return;
  const std::vector<int64_t> compact = compact_strides(shape);
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] != 1 && t.strides[axis] != compact[axis])
      fail(Code::kUnsupported, "DLPack tensor: not contiguous in row-major order (axis ", axis,
           " has stride ", t.strides[axis], ", expected ", compact[axis], ")");
}

struct Exported {
  DLManagedTensor managed;
  Tensor tensor;
  Shape shape, strides;
};

}  // namespace

kt_error* kt_tensor_from_dlpack(DLManagedTensor* managed, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] {
    const DLTensor& t = need(managed, "managed").dl_tensor;
    if (t.device.device_type != kProcessor)
      fail(Code::kUnsupported, "DLPack tensor: on a device of type ", t.device.device_type,
           ", not in processor memory");
    require(t.ndim >= 0, "DLPack tensor: rank ", t.ndim);
    const DType dtype = dtype_of_element(t);
    Shape shape = shape_of(t.shape, static_cast<std::size_t>(t.ndim), false);
    check_strides(t, shape);
    char* data = static_cast<char*>(t.data) + t.byte_offset;
    if (element_count(shape) > 0) {
      require(t.data != nullptr, "managed->dl_tensor.data is NULL");
      require(reinterpret_cast<std::uintptr_t>(data) % size_of(dtype) == 0,
              "DLPack tensor: not aligned for ", name_of(dtype));
    }
    auto handle = std::make_unique<kt_tensor>();
    handle->tensor = Tensor::over(data, dtype, std::move(shape), [managed] {
      if (managed->deleter) managed->deleter(managed);
    });
    return handle.release();
  });
}

kt_error* kt_tensor_to_dlpack(const kt_tensor* tensor, DLManagedTensor** managed) {
  return give(managed, "managed", [&] {
    const Tensor& t = need(tensor, "tensor").tensor;
    auto exported = std::make_unique<Exported>();
    exported->tensor = t;
    exported->shape = t.shape();
    exported->strides = compact_strides(t.shape());
    DLTensor& out = exported->managed.dl_tensor;
    out.data = t.raw();
    out.device = {kProcessor, 0};
    out.ndim = static_cast<int32_t>(t.shape().size());
    for (const Element& element : kElements)
      if (element.dtype == t.dtype()) out.dtype = {element.code, element.bits, 1};
    out.shape = exported->shape.data();
    out.strides = exported->strides.data();
    out.byte_offset = 0;
    exported->managed.manager_ctx = exported.get();
    exported->managed.deleter = [](DLManagedTensor* self) {
      delete static_cast<Exported*>(self->manager_ctx);
    };
    return &exported.release()->managed;
  });
}
