// Numbers of the HDF5 file format that both reader and writer need: "HDF5 File Format
// Specification, Version 3.0" (The HDF Group); section numbers in the comments are its own.
#pragma once

#include <cstdint>

namespace keratin::io::hdf5 {

inline constexpr char kSignature[] = "\x89HDF\r\n\x1a\n";
inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};  // an address that is not there
inline constexpr std::uint64_t kOffsetSize = 8;                 // bytes of an address or a length
inline constexpr std::uint64_t kSymbolEntrySize = 40;           // III.C

// Object header messages (IV.A.2).
enum class Message : std::uint16_t {
  kNil = 0x0000,
  kDataspace = 0x0001,
  kLinkInfo = 0x0002,
  kDatatype = 0x0003,
  kFillValue = 0x0005,
  kLink = 0x0006,
  kExternalFiles = 0x0007,
  kLayout = 0x0008,
  kFilters = 0x000B,
  kAttribute = 0x000C,
  kContinuation = 0x0010,
  kSymbolTable = 0x0011,
  kAttributeInfo = 0x0015,
};

// Datatype classes (IV.A.2.d).
enum class TypeClass : std::uint8_t {
  kInteger = 0,
  kFloat = 1,
  kString = 3,
  kEnum = 8,
  kVariableLength = 9,
};

enum class LayoutClass : std::uint8_t { kCompact = 0, kContiguous = 1, kChunked = 2 };

}  // namespace keratin::io::hdf5
