// Zip archives in memory (libzip).
#pragma once

#include <map>
#include <string>

namespace keratin::io {

// Name -> contents; folders are left out. Throws kCorrupt naming `what` and the member, also where
// the archive has encrypted members, two of one name, or members that unpack to far more than they
// take (more than 64 MiB and 100 times their packed size).
std::map<std::string, std::string> read_zip(const std::string& bytes, const std::string& what);

// Members are stored without compression, as Keras does. The same members give the same bytes.
std::string write_zip(const std::map<std::string, std::string>& members);

}  // namespace keratin::io
