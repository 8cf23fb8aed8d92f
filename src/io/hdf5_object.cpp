#include "io/hdf5_object.h"

#include <algorithm>

namespace keratin::io::hdf5 {
namespace {

constexpr std::size_t kMaxRank = 32;

using Blocks = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // address, size

void read_link(const File& file, Cursor c, Object& object) {  // IV.A.2.g
  object.is_group = true;
  c.skip(1);
  const int flags = c.u8();
  const int type = flags & 8 ? c.u8() : 0;
  if (flags & 4) c.skip(8);
  if (flags & 16) c.skip(1);
  const std::uint64_t size = c.number(1 << (flags & 3));
  const unsigned char* name = c.take(size);
  if (type != 0) file.unsupported("soft or external links");
  object.links.push_back({std::string(reinterpret_cast<const char*>(name), size), c.u64()});
}

void read_message(const File& file, Message type, int flags, Cursor body, Object& object,
                  Blocks& blocks) {
  constexpr int kShared = 0x02;
  const bool needed = type == Message::kDatatype || type == Message::kDataspace ||
                      type == Message::kAttribute || type == Message::kFilters;
  if (flags & kShared && needed) file.unsupported("shared messages (committed types)");
  switch (type) {
    case Message::kDataspace:
      object.dataspace = body;
      break;
    case Message::kDatatype:
      object.datatype = body;
      break;
    case Message::kLayout:
      object.layout = body;
      break;
    case Message::kAttribute:
      object.attributes.push_back(body);
      break;
    case Message::kFilters:
      object.has_filters = true;
      break;
    case Message::kExternalFiles:
      file.unsupported("data in other files");
      break;
    case Message::kLink:
      read_link(file, body, object);
      break;
    case Message::kContinuation: {
      const std::uint64_t at = body.u64();
      blocks.emplace_back(at, body.u64());
      break;
    }
    case Message::kSymbolTable: {
      object.is_group = true;
      const std::uint64_t tree = body.u64();
      object.symbol_table.emplace(tree, body.u64());
      break;
    }
    case Message::kLinkInfo: {
      object.is_group = true;
      body.skip(1);
      if (body.u8() & 1) body.skip(8);
      if (body.u64() != kUndefined)
        file.unsupported("links in a fractal heap (a group of many members in the newest format)");
      break;
    }
    case Message::kAttributeInfo: {
      body.skip(1);
      if (body.u8() & 1) body.skip(2);
      if (body.u64() != kUndefined) file.unsupported("attributes in a fractal heap");
      break;
    }
    default:
      break;  // times, comments, fill values, ...
  }
}

// IV.A.1.a
void read_header_1(File& file, std::uint64_t address, Object& object) {
  Cursor c(file, address, 16);
  if (c.u8() != 1) file.corrupt("no object header at ", address);
  c.skip(1);
  std::uint64_t count = c.u16();
  c.skip(4);
  Blocks blocks{{address + 16, c.u32()}};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Cursor block(file, blocks[i].first, blocks[i].second);
    while (count > 0 && block.left() >= 8) {
      --count;
      const auto type = Message(block.u16());
      const std::uint64_t size = block.u16();
      const int flags = block.u8();
      block.skip(3);
      read_message(file, type, flags, block.part(size), object, blocks);
    }
  }
  if (count != 0) file.corrupt("an object header at ", address, " is cut short");
}

// IV.A.1.b
void read_header_2(File& file, std::uint64_t address, Object& object) {
  Cursor c(file, address, std::min<std::uint64_t>(file.size() - address, 34));
  c.expect("OHDR");
  const std::uint64_t before = c.left();
  if (const int version = c.u8(); version != 2)
    file.unsupported("an object header of version ", version);
  const int header_flags = c.u8();
  if (header_flags & 0x20) c.skip(16);  // times
  if (header_flags & 0x10) c.skip(4);   // limits of compact attributes
  const std::uint64_t first_size = c.number(1 << (header_flags & 3));
  const std::uint64_t begin = address + 4 + (before - c.left());
  // Continuation blocks begin with "OCHK"; each block ends with a checksum of 4 bytes.
  Blocks blocks{{begin, first_size}};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Cursor block(file, blocks[i].first, blocks[i].second);
    if (i) block.expect("OCHK");
    const std::uint64_t tail = i ? 4 : 0, head = header_flags & 4 ? 6 : 4;
    while (block.left() >= tail + head) {
      const auto type = Message(block.u8());
      const std::uint64_t size = block.u16();
      const int flags = block.u8();
      if (header_flags & 4) block.skip(2);
      read_message(file, type, flags, block.part(size), object, blocks);
    }
  }
}

}  // namespace

Object read_object(File& file, std::uint64_t address) {
  Object object;
  if (std::memcmp(file.bytes(address, 4), "OHDR", 4) == 0)
    read_header_2(file, address, object);
  else
    read_header_1(file, address, object);
  return object;
}

Type read_type(const File& file, Cursor c) {  // IV.A.2.d
  Type type;
  type.type_class = TypeClass(c.u8() & 15);
  const std::uint64_t bits = c.number(3);
  type.size = c.u32();
  switch (type.type_class) {
    case TypeClass::kInteger:
      type.big_endian = bits & 1;
      type.is_signed = bits & 8;
      break;
    case TypeClass::kFloat:
      type.big_endian = bits & 1;
      break;
    case TypeClass::kString:
      type.is_text = true;
      break;
    case TypeClass::kVariableLength:
      type.is_text = (bits & 15) == 1;
      break;
    case TypeClass::kEnum: {
      const Type base = read_type(file, c.part(12));
      type.is_boolean = bits == 2 && base.size == 1 && type.size == 1 && c.left() >= 6 &&
                        std::memcmp(c.take(6), "FALSE", 6) == 0;
      break;
    }
    default:
      break;
  }
  return type;
}

Space read_space(const File& file, Cursor c) {  // IV.A.2.b
  Space space;
  const int version = c.u8();
  const std::size_t rank = c.u8();
  c.skip(1);
  if (version == 1)
    c.skip(5);
  else if (version == 2)
    space.is_null = c.u8() == 2;
  else
    file.unsupported("a dataspace of version ", version);
  if (rank > kMaxRank) file.corrupt("a rank of ", rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::uint64_t extent = c.u64();
    if (extent > INT64_MAX || __builtin_mul_overflow(space.count, extent, &space.count))
      file.corrupt("a shape of more elements than can be counted");
    space.shape.push_back(std::int64_t(extent));
  }
  if (space.is_null) space.count = 0;
  return space;
}

}  // namespace keratin::io::hdf5
