// Scratch memory of the caller's, dealt out in parts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace keratin::kernels {

// Up to the next multiple of 64 bytes.
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

// Takes parts of scratch memory one after another, each 64-byte aligned; from NULL, only counts.
class Parts {
 public:
  explicit Parts(void* memory) : memory_(static_cast<char*>(memory)) {}
  template <class T>
  T* take(std::int64_t count) {
    T* part = memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + used_);
    used_ += aligned(std::size_t(count) * sizeof(T));
    return part;
  }
  std::size_t bytes() const { return used_; }

 private:
  char* memory_;
  std::size_t used_ = 0;
};

}  // namespace keratin::kernels
