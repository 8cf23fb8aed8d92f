// A file as memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace keratin::io {

class MappedFile {
 public:
  // Throws kNotFound, kIo; also where there is nothing to map (an empty file, a pipe).
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  char* data() const { return data_; }  // written to, pages become this process' own
  std::size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace keratin::io
