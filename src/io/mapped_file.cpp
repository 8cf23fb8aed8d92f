#include "io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace keratin::io {

MappedFile::MappedFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    fail(errno == ENOENT ? Code::kNotFound : Code::kIo, path,
         ": cannot open: ", std::strerror(errno));
  struct stat info {};
  const bool regular = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
  void* memory = MAP_FAILED;
  if (regular) {
    size_ = static_cast<std::size_t>(info.st_size);
    // No space is set aside for pages that nobody writes to.
    memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
  }
  const int error = errno;
  ::close(fd);
  if (!regular) fail(Code::kIo, path, ": is empty or not a regular file, it cannot be mapped");
  if (memory == MAP_FAILED) fail(Code::kIo, path, ": cannot map: ", std::strerror(error));
  data_ = static_cast<char*>(memory);
}

MappedFile::~MappedFile() { ::munmap(data_, size_); }

}  // namespace keratin::io
