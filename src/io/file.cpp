#include "io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace keratin::io {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

[[noreturn]] void fail_errno(const std::string& path, const char* what, int error) {
  fail(error == ENOENT ? Code::kNotFound : Code::kIo, path, ": ", what, ": ", std::strerror(error));
}

// Removes the unfinished file unless it was renamed into place.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  ~Unfinished() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void finished() { path_.clear(); }

 private:
  std::string path_;
};

void write_all(int fd, const std::string& bytes, const std::string& path) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_errno(path, "cannot write", errno);
    done += std::size_t(n);
  }
}

}  // namespace

std::string read_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail_errno(path, "cannot open", errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail_errno(path, "cannot read", errno);
  if (S_ISDIR(info.st_mode)) fail(Code::kIo, path, ": is a directory");
  // The size is a hint: pipes and files of /proc have none.
  std::string bytes(S_ISREG(info.st_mode) ? std::size_t(info.st_size) : 0, '\0');
  std::size_t done = 0;
  while (true) {
    if (done == bytes.size()) {
      char probe[4096];
      const ssize_t n = ::read(file.get(), probe, sizeof probe);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail_errno(path, "cannot read", errno);
      if (n == 0) return bytes;
      bytes.append(probe, std::size_t(n));
      done += std::size_t(n);
      continue;
    }
    const ssize_t n = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_errno(path, "cannot read", errno);
    if (n == 0) break;
    done += std::size_t(n);
  }
  bytes.resize(done);
  return bytes;
}

void write_file(const std::string& path, const std::string& bytes) {
  // In the target's folder, for rename does not cross file systems; the name is this call's own.
  static std::atomic<unsigned> counter{0};
  const std::string temporary = concat(path, ".", ::getpid(), ".", counter.fetch_add(1), ".tmp");
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) fail_errno(path, "cannot create", errno);
  Unfinished unfinished(temporary);
  struct stat old {};
  if (::stat(path.c_str(), &old) == 0) {
    if (!S_ISREG(old.st_mode)) fail(Code::kIo, path, ": is not a regular file");
    ::fchmod(file.get(), old.st_mode & 07777);  // as the file it replaces, where that is allowed
  }
  write_all(file.get(), bytes, path);
  if (::fsync(file.get()) != 0) fail_errno(path, "cannot write", errno);
  if (file.close() != 0) fail_errno(path, "cannot write", errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail_errno(path, "cannot replace", errno);
  unfinished.finished();
}

}  // namespace keratin::io
