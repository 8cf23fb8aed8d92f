// The bytes of an HDF5 file, read without trusting any of them. A Cursor cannot leave the file, and
// every byte looked at is charged to a budget in proportion to the file's size: whatever the
// addresses in the file form (loops, millions of links to one group), reading ends.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "core/error.h"

namespace keratin::io::hdf5 {

class File {
 public:
  File(const void* data, std::size_t size, const std::string& what)
      : data_(static_cast<const unsigned char*>(data)),
        size_(size),
        budget_(8 * size + 65536),
        what_(what) {}

  template <class... Args>
  [[noreturn]] void corrupt(const Args&... args) const {
    fail(Code::kCorrupt, what_, ": damaged HDF5 file: ", args...);
  }
  template <class... Args>
  [[noreturn]] void unsupported(const Args&... args) const {
    fail(Code::kUnsupported, what_, ": HDF5 file with ", args..., ", which is not supported");
  }

  // The bytes [at, at + size), checked and charged for.
  const unsigned char* bytes(std::uint64_t at, std::uint64_t size) {
    if (at > size_ || size > size_ - at)
      corrupt("it refers to ", size, " bytes at ", at, ", beyond its end at ", size_);
    charge(size);
    return data_ + at;
  }
  void charge(std::uint64_t size) {
    if (size > budget_) corrupt("its parts refer to each other without end");
    budget_ -= size;
  }
  std::uint64_t size() const { return size_; }

 private:
  const unsigned char* data_;
  std::uint64_t size_, budget_;
  const std::string& what_;
};

// A stretch of the file, read from its beginning.
class Cursor {
 public:
  Cursor(File& file, std::uint64_t at, std::uint64_t size)
      : file_(&file), at_(file.bytes(at, size)), end_(at_ + size) {}

  const unsigned char* take(std::uint64_t n) {
    if (n > left()) file_->corrupt("a structure is cut short");
    const unsigned char* here = at_;
    at_ += n;
    return here;
  }
  std::uint64_t number(int bytes) {
    const unsigned char* p = take(std::uint64_t(bytes));
    std::uint64_t v = 0;
    for (int i = bytes; i-- > 0;) v = v << 8 | p[i];
    return v;
  }
  std::uint8_t u8() { return std::uint8_t(number(1)); }
  std::uint16_t u16() { return std::uint16_t(number(2)); }
  std::uint32_t u32() { return std::uint32_t(number(4)); }
  std::uint64_t u64() { return number(8); }
  void skip(std::uint64_t n) { take(n); }
  std::uint64_t left() const { return std::uint64_t(end_ - at_); }
  void expect(const char* signature) {
    if (std::memcmp(take(4), signature, 4) != 0)
      file_->corrupt("no '", signature, "' where one belongs");
  }
  // The next n bytes as a stretch of their own; they are charged for already.
  Cursor part(std::uint64_t n) {
    Cursor c = *this;
    c.at_ = take(n);
    c.end_ = at_;
    return c;
  }

 private:
  File* file_;
  const unsigned char *at_, *end_;
};

}  // namespace keratin::io::hdf5
