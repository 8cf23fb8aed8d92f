#include "io/hdf5.h"

namespace keratin::io {

const Hdf5Group* Hdf5Group::find(const std::string& path) const {
  const Hdf5Group* group = this;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) {
      const auto found = group->groups.find(path.substr(at, end - at));
      if (found == group->groups.end()) return nullptr;
      group = &found->second;
    }
    at = end + 1;
  }
  return group;
}

Hdf5Group& Hdf5Group::make(const std::string& path) {
  Hdf5Group* group = this;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) group = &group->groups[path.substr(at, end - at)];
    at = end + 1;
  }
  return *group;
}

}  // namespace keratin::io
