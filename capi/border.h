// The border between the C ABI and the library: arguments are checked, exceptions become errors.
#pragma once

#include <keratin/keratin.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "core/json.h"
#include "core/shape.h"

namespace keratin::capi {

// What the exception in flight says, as an error of the ABI. Never NULL.
kt_error* current_error() noexcept;

// Runs fn; whatever it throws comes back as an error.
template <class Fn>
kt_error* guard(Fn&& fn) noexcept {
  try {
    fn();
    return nullptr;
  } catch (...) {
    return current_error();
  }
}

// Throws if the argument is NULL.
template <class T>
T& need(T* argument, const char* name) {
  require(argument != nullptr, "the argument '", name, "' is NULL");
  return *argument;
}

// Throws if a list of the caller's is NULL but not empty, or if its length cannot be one.
inline void check_list(const void* list, std::size_t count, const char* name) {
  constexpr std::size_t kMost = std::size_t{1} << 20;
  require(count <= kMost, "the argument '", name, "' is said to have ", count, " entries");
  require(list || count == 0, "the argument '", name, "' is NULL");
}

// Runs fn and hands its result out through an out-parameter, which is NULL or 0 after an error.
template <class T, class Fn>
kt_error* give(T* out, const char* name, Fn&& fn) noexcept {
  if (out) *out = T{};
  return guard([&] {
    need(out, name);
    *out = fn();
  });
}

// Likewise for an array of results, which fn fills.
template <class T, class Fn>
kt_error* give_all(T** out, std::size_t count, const char* name, Fn&& fn) noexcept {
  return guard([&] {
    check_list(out, count, name);
    for (std::size_t i = 0; i < count; ++i) out[i] = nullptr;
    fn();
  });
}

// The value of fn where the handle is there, else 0 or NULL; also if fn throws.
template <class H, class Fn>
auto look(H* handle, Fn&& fn) noexcept -> std::decay_t<decltype(fn(*handle))> {
  try {
    if (handle) return fn(*handle);
  } catch (...) {
  }
  return {};
}

// Gives an error of the caller's own functions back as an exception; NULL does nothing.
void rethrow(kt_error* error);

// A copy for kt_string_free.
char* make_string(const std::string& text);
char* make_string(const Json& json);
inline std::string text_of(const char* text) { return text ? text : ""; }

// "{}" for NULL; errors name `what`.
Json json_of(const char* text, const char* what);

Shape shape_of(const std::int64_t* shape, std::size_t rank, bool may_be_unknown);
std::size_t index_of(std::size_t index, std::size_t count, const char* name);

// A struct that begins with struct_size, as far as the caller knows it; `otherwise` for NULL.
template <class T>
T read_struct(const T* given, const T& otherwise, const char* name) {
  if (!given) return otherwise;
  require(given->struct_size > sizeof(std::size_t), name,
          ".struct_size is not set: begin with the initializer");
  if (given->struct_size > sizeof(T))
    fail(Code::kUnsupported, name, " is of a newer version of the library: ", given->struct_size,
         " bytes, known are ", sizeof(T));
  T read = otherwise;
  std::memcpy(static_cast<void*>(&read), given, given->struct_size);
  return read;
}

}  // namespace keratin::capi
