#include <cstdlib>
#include <new>

#include "capi/border.h"

struct kt_error {
  kt_code code;
  std::string message;
};

namespace keratin::capi {
namespace {

// Where there is no memory left for an error.
kt_error* out_of_memory() {
  static kt_error error{KT_ERROR_OUT_OF_MEMORY, {}};
  return &error;
}

// What is no UTF-8 (names that the caller gave) is replaced.
std::string utf8(const char* text) {
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

kt_error* make_error(kt_code code, const char* message) noexcept {
  try {
    return new kt_error{code, utf8(message)};
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace

kt_error* current_error() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    return make_error(static_cast<kt_code>(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return make_error(KT_ERROR_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return make_error(KT_ERROR_INTERNAL, error.what());
  } catch (...) {
    return make_error(KT_ERROR_INTERNAL, "an exception of unknown type");
  }
}

void rethrow(kt_error* error) {
  if (!error) return;
  const Code code = static_cast<Code>(kt_error_code(error));
  const std::string message = kt_error_message(error);
  kt_error_free(error);
  fail(code, message);
}

}  // namespace keratin::capi

using keratin::capi::make_error;
using keratin::capi::out_of_memory;

kt_code kt_error_code(const kt_error* error) { return error ? error->code : KT_OK; }

const char* kt_error_message(const kt_error* error) {
  if (!error) return "";
  return error == out_of_memory() ? "out of memory" : error->message.c_str();
}

kt_error* kt_error_create(kt_code code, const char* message) {
  const bool known = code >= KT_ERROR_INVALID_ARGUMENT && code <= KT_ERROR_INTERNAL;
  return make_error(known ? code : KT_ERROR_CALLBACK, message ? message : "");
}

void kt_error_free(kt_error* error) {
  if (error != out_of_memory()) delete error;
}
