#include "core/dtype.h"

#include "core/error.h"

namespace keratin {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  std::size_t size;
};
constexpr Row kRows[] = {
    {DType::kFloat32, "float32", 4}, {DType::kFloat64, "float64", 8},
    {DType::kInt32, "int32", 4},     {DType::kInt64, "int64", 8},
    {DType::kUint8, "uint8", 1},     {DType::kUint32, "uint32", 4},
    {DType::kBool, "bool", 1},       {DType::kString, "string", sizeof(String)},
    {DType::kInt8, "int8", 1},
};

const Row& row(DType dtype) {
  for (const Row& r : kRows)
    if (r.dtype == dtype) return r;
  fail(Code::kInvalidArgument, "unknown dtype number ", int(dtype));
}

}  // namespace

std::size_t size_of(DType dtype) { return row(dtype).size; }
std::string_view name_of(DType dtype) { return row(dtype).name; }

DType dtype_named(std::string_view name) {
  for (const Row& r : kRows)
    if (r.name == name) return r.dtype;
  fail(Code::kInvalidArgument, "dtype '", name,
       "' is not known; expected one of float32, float64, ",
       "int8, int32, int64, uint8, uint32, bool, string");
}

}  // namespace keratin
