#include "nn/axes.h"

namespace keratin {

Axes JsonTraits<Axes>::read(const Json& json) {
  return {JsonTraits<std::vector<std::int64_t>>::read(json), json.is_array()};
}

Json JsonTraits<Axes>::write(const Axes& axes) {
  if (!axes.is_list && axes.values.size() == 1) return axes.values[0];
  return axes.values;
}

std::string JsonTraits<Axes>::type() { return "int or list of int"; }

}  // namespace keratin
