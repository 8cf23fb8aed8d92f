// HDF5 as far as weights need it: a tree of groups with named datasets and string attributes. What
// is read and written, and why it is done here, stands in README.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace keratin::io {

struct Hdf5Group {
  std::map<std::string, Hdf5Group> groups;
  std::map<std::string, Tensor> datasets;  // float32, float64, int32, int64, uint8, uint32, bool
  std::map<std::string, std::string> attributes;                    // string attributes
  std::map<std::string, std::vector<std::string>> list_attributes;  // arrays of strings

  const Hdf5Group* find(const std::string& path) const;  // "layers/dense/vars"; NULL if absent
  Hdf5Group& make(const std::string& path);
};

// From or to the bytes of a whole file. Throws kCorrupt naming `what` where the bytes are not HDF5,
// are truncated or claim more than is there; kUnsupported, naming the feature, where the file uses
// one that is not read here.
Hdf5Group read_hdf5(const void* data, std::size_t size, const std::string& what);
// The same tree gives the same bytes.
std::string write_hdf5(const Hdf5Group& root);

}  // namespace keratin::io
