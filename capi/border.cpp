#include "capi/border.h"
#include "core/json_text.h"

#include <cstdlib>
#include <new>

namespace keratin::capi {

char* make_string(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (!copy) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

char* make_string(const Json& json) { return make_string(json_text(json)); }

Json json_of(const char* text, const char* what) {
  return text ? parse_json(text, what) : Json::object();
}

Shape shape_of(const std::int64_t* shape, std::size_t rank, bool may_be_unknown) {
  constexpr std::size_t kMostAxes = 32;
  require(rank <= kMostAxes, "rank: expected at most ", kMostAxes, ", got ", rank);
  check_list(shape, rank, "shape");
  Shape copy(shape, shape + rank);
  for (const std::int64_t extent : copy)
    require(extent >= (may_be_unknown ? kUnknown : 0), "shape: ", extent, " is no extent");
  return copy;
}

std::size_t index_of(std::size_t index, std::size_t count, const char* name) {
  require(index < count, name, " ", index, " of ", count);
  return index;
}

}  // namespace keratin::capi

void kt_string_free(char* string) { std::free(string); }
