// Errors of the library. Every failure is thrown as keratin::Error where its cause is known; the C
// ABI catches it at the border. The message names the offending thing and what was expected and
// given.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace keratin {

// The values are part of the ABI (kt_code in keratin.h).
enum class Code {
  kInvalidArgument = 1,  // an argument's value, shape or dtype is not acceptable
  kNotFound = 2,         // no such file, class, layer, output, ...
  kUnsupported = 3,      // known, but not possible here
  kIo = 4,               // the operating system refused a read or a write
  kCorrupt = 5,          // a file is damaged or not what it claims to be
  kState = 6,            // a call that the object's state does not allow (not compiled, busy, ...)
  kOutOfMemory = 7,
  kCallback = 8,  // a callback of the caller returned an error
  kInternal = 9,  // a defect of the library
};

class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

// Concatenates its arguments as an ostream prints them.
template <class... Args>
std::string concat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

template <class... Args>
[[noreturn]] void fail(Code code, const Args&... args) {
  throw Error(code, concat(args...));
}

// Throws kInvalidArgument with the concatenated arguments unless `condition` holds.
template <class... Args>
void require(bool condition, const Args&... args) {
  if (!condition) [[unlikely]]
    fail(Code::kInvalidArgument, args...);
}

}  // namespace keratin
