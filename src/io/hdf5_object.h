// Object headers of HDF5: what an object is, its type, its shape.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/shape.h"
#include "io/hdf5_cursor.h"
#include "io/hdf5_layout.h"

namespace keratin::io::hdf5 {

struct Link {
  std::string name;
  std::uint64_t header;  // address of the object's header
};

// What a header says of its object, as far as it matters here; the messages' bodies as they are.
struct Object {
  std::optional<Cursor> datatype, dataspace, layout;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> symbol_table;  // B-tree, local heap
  bool is_group = false, has_filters = false;
  std::vector<Link> links;
  std::vector<Cursor> attributes;
};

struct Type {
  TypeClass type_class = TypeClass::kInteger;
  std::uint64_t size = 0;
  bool big_endian = false, is_signed = false;
  bool is_boolean = false;  // an enumeration of FALSE and TRUE
  bool is_text = false;     // fixed or variable length
};

struct Space {
  Shape shape;
  std::uint64_t count = 1;
  bool is_null = false;
};

// All throw kCorrupt or kUnsupported naming the file.
Object read_object(File& file, std::uint64_t address);
Type read_type(const File& file, Cursor message);
Space read_space(const File& file, Cursor message);

}  // namespace keratin::io::hdf5
