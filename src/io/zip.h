// Zip archives in memory (libzip).
#pragma once

#include <map>
#include <string>

namespace keratin::io {

// Name -> contents. Throws kCorrupt naming `what`. Bounded: a member of more than `limit` bytes unpacked is refused.
std::map<std::string, std::string> read_zip(const std::string& bytes, const std::string& what);
// Members are stored without compression, as Keras does.
std::string write_zip(const std::map<std::string, std::string>& members);

}  // namespace keratin::io
