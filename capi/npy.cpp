#include "io/npy.h"

#include "capi/handles.h"
#include "io/file.h"

using namespace keratin;
using namespace keratin::capi;

kt_error* kt_npy_open(const char* path, kt_tensor** tensor) {
  return give(tensor, "tensor", [&] { return new kt_tensor{io::map_npy(&need(path, "path"))}; });
}

kt_error* kt_npy_save(const kt_tensor* tensor, const char* path) {
  return guard([&] {
    const Tensor& elements = need(tensor, "tensor").tensor;
    io::write_file(&need(path, "path"), io::write_npy(elements));
  });
}
