// Whole files, safely.
#pragma once

#include <string>

namespace keratin::io {

std::string read_file(const std::string& path);  // throws kNotFound, kIo
// Writes beside the target, flushes, and renames over it: readers see the old file or the new one,
// whole.
void write_file(const std::string& path, const std::string& bytes);

}  // namespace keratin::io
