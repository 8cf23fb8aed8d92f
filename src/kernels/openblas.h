// OpenBLAS, for its LAPACK: see README.md.
#pragma once

#include <mutex>

namespace keratin::kernels {

// While one lives, no other thread is in OpenBLAS: its build without threads is not made for
// callers at once, who may get each other's memory for packing. A fork waits for it.
class OpenBlasTurn {
 public:
  OpenBlasTurn();

 private:
  std::lock_guard<std::mutex> lock_;
};

// A function of OpenBLAS' build without threads, which is loaded when the first is asked for; NULL
// if it is not there.
void* openblas_function(const char* name);

}  // namespace keratin::kernels
