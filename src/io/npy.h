// NumPy's files of one array (.npy) and of several, by name (.npz):
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <map>
#include <string>

#include "core/tensor.h"

namespace keratin::io {

// Of one of the library's element types, little-endian, in C order; other arrays are kUnsupported,
// what is no array is kCorrupt. Files of Python objects are never unpickled. `what` names the file.
Tensor read_npy(const std::string& bytes, const std::string& what);
std::string write_npy(const Tensor& tensor);  // as numpy.save does

// The same over the file's own pages, which the system reads when they are first looked at and may
// forget again: for arrays larger than memory. Writing to the elements changes this process' view
// of them, not the file. The file must not be cut short while the tensor lives. (Booleans are
// read.)
Tensor map_npy(const std::string& path);

// By name, without ".npy".
std::map<std::string, Tensor> read_npz(const std::string& bytes, const std::string& what);
std::string write_npz(const std::map<std::string, Tensor>& tensors);

}  // namespace keratin::io
