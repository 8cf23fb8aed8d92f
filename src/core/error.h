// Errors of the library. Every failure is thrown as keratin::Error where its cause is known; the C
// ABI catches it at the border. The message names the offending thing and what was expected and
// given.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

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

// A part of a message: text, a number, or anything an ostream prints. It keeps no copy of text.
class Part {
 public:
  explicit Part(const char* text) : Part(std::string_view(text)) {}
  explicit Part(const std::string& text) : Part(std::string_view(text)) {}
  explicit Part(std::string_view text) : print_(&print_text), size_(text.size()) {
    value_.text = text.data();
  }
  template <std::integral T>
  explicit Part(T value) {
    if constexpr (std::is_same_v<T, char>) {
      print_ = &print_char;
      value_.integer = value;
    } else if constexpr (std::is_signed_v<T> || sizeof(T) < 8) {
      print_ = &print_integer;
      value_.integer = value;
    } else {
      print_ = &print_unsigned;
      value_.natural = value;
    }
  }
  template <std::floating_point T>
  explicit Part(T value) : print_(&print_real) {
    value_.real = value;
  }
  template <class T>
  requires(!std::is_arithmetic_v<T> &&
           !std::is_convertible_v<const T&, std::string_view>) explicit Part(const T& value)
      : print_([](std::ostream& out, const Part& part) {
          out << *static_cast<const T*>(part.value_.object);
        }) {
    value_.object = &value;
  }

  void print(std::ostream& out) const { print_(out, *this); }

 private:
  static void print_text(std::ostream& out, const Part& part);
  static void print_char(std::ostream& out, const Part& part);
  static void print_integer(std::ostream& out, const Part& part);
  static void print_unsigned(std::ostream& out, const Part& part);
  static void print_real(std::ostream& out, const Part& part);

  void (*print_)(std::ostream&, const Part&);
  union {
    const char* text;
    std::int64_t integer;
    std::uint64_t natural;
    double real;
    const void* object;
  } value_;
  std::size_t size_ = 0;  // of text
};

std::string concat_parts(std::initializer_list<Part> parts);
[[noreturn]] void fail_with(Code code, std::initializer_list<Part> parts);

// Concatenates its arguments as an ostream prints them.
template <class... Args>
[[gnu::always_inline]] inline std::string concat(const Args&... args) {
  return concat_parts({Part(args)...});
}

template <class... Args>
[[noreturn, gnu::always_inline]] inline void fail(Code code, const Args&... args) {
  fail_with(code, {Part(args)...});
}

// Throws kInvalidArgument with the concatenated arguments unless `condition` holds.
template <class... Args>
[[gnu::always_inline]] inline void require(bool condition, const Args&... args) {
  if (!condition) [[unlikely]]
    fail_with(Code::kInvalidArgument, {Part(args)...});
}

}  // namespace keratin
