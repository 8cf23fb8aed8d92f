// Writes the classic form of HDF5 that every version of the library reads: superblock 0, groups as
// symbol tables, version 1 object headers, contiguous datasets, strings in a global heap.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "io/hdf5.h"
#include "io/hdf5_layout.h"

namespace keratin::io {
namespace {

using namespace hdf5;

constexpr std::size_t kLeafK = 4;       // a symbol table node holds 2 * kLeafK entries
constexpr std::size_t kInternalK = 16;  // a B-tree node holds 2 * kInternalK children
constexpr std::size_t kSuperblockSize = 96;
constexpr std::size_t kMinHeap = 4096;      // of a global heap collection
constexpr std::size_t kMaxMessage = 65528;  // sizes of messages are 16 bits, multiples of 8

// Little-endian bytes, as all of HDF5's own numbers are.
class Bytes {
 public:
  Bytes& u8(std::uint64_t v) { return number(v, 1); }
  Bytes& u16(std::uint64_t v) { return number(v, 2); }
  Bytes& u32(std::uint64_t v) { return number(v, 4); }
  Bytes& u64(std::uint64_t v) { return number(v, 8); }
  Bytes& raw(std::string_view bytes) {
    bytes_.append(bytes);
    return *this;
  }
  Bytes& pad8() { return zeros((8 - bytes_.size() % 8) % 8); }
  Bytes& zeros(std::size_t n) {
    bytes_.append(n, '\0');
    return *this;
  }
  std::size_t size() const { return bytes_.size(); }
  const std::string& str() const { return bytes_; }

 private:
  Bytes& number(std::uint64_t v, int n) {
    for (int i = 0; i < n; ++i) bytes_ += static_cast<char>(v >> (8 * i));
    return *this;
  }
  std::string bytes_;
};

std::string integer_type(std::size_t size, bool is_signed) {
  return Bytes().u8(0x10).u8(is_signed ? 8 : 0).u16(0).u32(size).u16(0).u16(8 * size).str();
}

std::string datatype(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:  // IEEE: sign at 31, exponent 23 + 8, mantissa 0 + 23, bias 127
      return Bytes()
          .u8(0x11)
          .u8(0x20)
          .u8(31)
          .u8(0)
          .u32(4)
          .u16(0)
          .u16(32)
          .u8(23)
          .u8(8)
          .u8(0)
          .u8(23)
          .u32(127)
          .str();
    case DType::kFloat64:
      return Bytes()
          .u8(0x11)
          .u8(0x20)
          .u8(63)
          .u8(0)
          .u32(8)
          .u16(0)
          .u16(64)
          .u8(52)
          .u8(11)
          .u8(0)
          .u8(52)
          .u32(1023)
          .str();
    case DType::kInt32:
      return integer_type(4, true);
    case DType::kInt64:
      return integer_type(8, true);
    case DType::kInt8:
      return integer_type(1, true);
    case DType::kUint8:
      return integer_type(1, false);
    case DType::kUint32:
      return integer_type(4, false);
    case DType::kString:  // no weight holds them
      break;
    case DType::kBool:  // as h5py does: an enumeration over int8
      return Bytes()
          .u8(0x18)
          .u16(2)
          .u8(0)
          .u32(1)
          .raw(integer_type(1, true))
          .raw({"FALSE\0\0\0", 8})
          .raw({"TRUE\0\0\0\0", 8})
          .u8(0)
          .u8(1)
          .str();
  }
  fail(Code::kInternal, "hdf5: unknown dtype");
}

std::string string_type() {  // of variable length, ended by a zero, UTF-8
  return Bytes().u8(0x19).u8(1).u8(1).u8(0).u32(16).raw(integer_type(1, false)).str();
}

std::string dataspace(const Shape& shape) {
  Bytes b;
  b.u8(1).u8(shape.size()).u8(0).u8(0).u32(0);
  for (const std::int64_t extent : shape) b.u64(std::uint64_t(extent));
  return b.str();
}

class Writer {
 public:
  std::string write(const Hdf5Group& root) {
    out_.assign(kSuperblockSize, '\0');
    const Group written = write_group(root, "/");
    flush_strings();
    Bytes b;  // II.A
    b.raw({kSignature, 8}).u8(0).u8(0).u8(0).u8(0).u8(0).u8(kOffsetSize).u8(kOffsetSize).u8(0);
    b.u16(kLeafK).u16(kInternalK).u32(0);
    b.u64(0).u64(kUndefined).u64(out_.size()).u64(kUndefined);
    b.u64(0).u64(written.header).u32(1).u32(0).u64(written.tree).u64(written.heap);
    put(0, b.str());
    return std::move(out_);
  }

 private:
  struct Group {
    std::uint64_t header, tree, heap;
  };
  struct Child {
    std::uint64_t name_offset, header;
  };
  struct TreeNode {
    std::uint64_t address, last_name;  // last_name: heap offset of its greatest name
  };

  std::uint64_t append(std::string_view bytes) {
    out_.append((8 - out_.size() % 8) % 8, '\0');
    const std::uint64_t address = out_.size();
    out_.append(bytes);
    return address;
  }
  void put(std::uint64_t address, std::string_view bytes) {
    out_.replace(address, bytes.size(), bytes);
  }

  // --- object headers -------------------------------------------------------------------------
  struct Header {
    Bytes messages;
    int count = 0;
    void add(Message type, const std::string& body, int flags = 0) {
      const std::size_t padded = (body.size() + 7) / 8 * 8;
      messages.u16(std::uint16_t(type)).u16(padded).u8(std::uint64_t(flags)).u8(0).u16(0);
      messages.raw(body).zeros(padded - body.size());
      ++count;
    }
  };

  std::uint64_t append_header(const Header& header) {
    Bytes b;
    b.u8(1).u8(0).u16(std::uint64_t(header.count)).u32(1).u32(header.messages.size()).u32(0);
    return append(b.raw(header.messages.str()).str());
  }

  void add_attribute(Header& header, const std::string& name, const std::string& space,
                     const std::vector<std::string>& values, const std::string& where) {
    const std::string type = string_type();
    Bytes b;
    b.u8(1).u8(0).u16(name.size() + 1).u16(type.size()).u16(space.size());
    b.raw(name).u8(0).pad8().raw(type).pad8().raw(space).pad8();
    if (b.size() + 16 * values.size() > kMaxMessage)
      fail(Code::kUnsupported, "hdf5: the attribute '", name, "' of '", where, "' has ",
           values.size(), " strings, more than an attribute can hold");
    for (const std::string& value : values) {
      const StringRef ref = add_string(value);
      b.u32(value.size()).u64(ref.collection).u32(ref.index);
    }
    header.add(Message::kAttribute, b.str());
  }

  void add_attributes(Header& header, const Hdf5Group& group, const std::string& where) {
    for (const auto& [name, value] : group.attributes)
      add_attribute(header, name, dataspace({}), {value}, where);
    for (const auto& [name, values] : group.list_attributes)
      add_attribute(header, name, dataspace({std::int64_t(values.size())}), values, where);
  }

  std::uint64_t write_dataset(const Tensor& tensor) {
    std::uint64_t address = kUndefined;
    if (tensor.bytes()) address = append({static_cast<const char*>(tensor.raw()), tensor.bytes()});
    Header header;
    header.add(Message::kDataspace, dataspace(tensor.shape()));
    header.add(Message::kDatatype, datatype(tensor.dtype()), 1);
    // Version 2, space allocated late, written where set by the user, the default value (zero).
    header.add(Message::kFillValue, Bytes().u8(2).u8(2).u8(2).u8(1).u32(0).str(), 1);
    header.add(Message::kLayout, Bytes()
                                     .u8(3)
                                     .u8(std::uint64_t(LayoutClass::kContiguous))
                                     .u64(address)
                                     .u64(tensor.bytes())
                                     .str());
    return append_header(header);
  }

  // --- groups ---------------------------------------------------------------------------------
  Group write_group(const Hdf5Group& group, const std::string& where) {
    std::map<std::string_view, std::uint64_t> headers;  // in the order of the bytes of the names
    for (const auto& [name, child] : group.groups)
      headers[name] = write_group(child, where + name + "/").header;
    for (const auto& [name, tensor] : group.datasets) {
      if (headers.contains(name))
        fail(Code::kInternal, "hdf5: '", where, name, "' is both a group and a dataset");
      headers[name] = write_dataset(tensor);
    }
    Bytes names;
    names.u64(0);  // the empty name, below all others
    std::vector<Child> children;
    for (const auto& [name, header] : headers) {
      if (name.empty() || name.find('/') != name.npos || name.find('\0') != name.npos)
        fail(Code::kInternal, "hdf5: '", std::string(name), "' cannot be a name");
      children.push_back({names.size(), header});
      names.raw(name).u8(0).pad8();
    }
    Group written{};
    written.heap = write_heap(names.str());
    written.tree = write_tree(children);
    Header header;
    header.add(Message::kSymbolTable, Bytes().u64(written.tree).u64(written.heap).str());
    add_attributes(header, group, where);
    written.header = append_header(header);
    return written;
  }

  std::uint64_t write_heap(const std::string& names) {  // III.D
    const std::uint64_t here = append({});
    constexpr std::uint64_t kHeapHeader = 32, kNoFreeBlock = 1;
    Bytes b;
    b.raw("HEAP").u32(0).u64(names.size()).u64(kNoFreeBlock).u64(here + kHeapHeader).raw(names);
    return append(b.str());
  }

  // The B-tree over the symbol table nodes, from the leaves up. Returns the root's address.
  std::uint64_t write_tree(const std::vector<Child>& children) {
    std::vector<TreeNode> nodes;
    for (std::size_t i = 0; i < children.size(); i += 2 * kLeafK) {  // III.B
      const std::size_t n = std::min(2 * kLeafK, children.size() - i);
      Bytes b;
      b.raw("SNOD").u8(1).u8(0).u16(n);
      for (std::size_t k = i; k < i + n; ++k)
        b.u64(children[k].name_offset).u64(children[k].header).zeros(24);
      b.zeros((2 * kLeafK - n) * kSymbolEntrySize);
      nodes.push_back({append(b.str()), children[i + n - 1].name_offset});
    }
    for (int level = 0;; ++level) {
      nodes = write_level(nodes, level);
      if (nodes.size() == 1) return nodes[0].address;
    }
  }

  std::vector<TreeNode> write_level(const std::vector<TreeNode>& children, int level) {  // III.A.1
    constexpr std::size_t kFan = 2 * kInternalK, kNodeSize = 24 + kFan * 16 + 8;
    const std::size_t count = std::max<std::size_t>(1, (children.size() + kFan - 1) / kFan);
    const std::uint64_t first = append({});
    const auto address = [&](std::size_t i) { return first + i * kNodeSize; };
    std::vector<TreeNode> nodes;
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t begin = i * kFan, n = std::min(kFan, children.size() - begin);
      Bytes b;
      b.raw("TREE").u8(0).u8(std::uint64_t(level)).u16(n);
      b.u64(i ? address(i - 1) : kUndefined).u64(i + 1 < count ? address(i + 1) : kUndefined);
      b.u64(key);
      for (std::size_t k = begin; k < begin + n; ++k) {
        key = children[k].last_name;
        b.u64(children[k].address).u64(key);
      }
      b.zeros(kNodeSize - b.size());
      nodes.push_back({append(b.str()), key});
    }
    return nodes;
  }

  // --- strings of variable length: a global heap (III.E) ----------------------------------------
  struct StringRef {
    std::uint64_t collection, index;
  };

  // Strings gather in one collection at a time, of a size fixed when it is begun, so that their
  // references are known at once.
  StringRef add_string(const std::string& value) {
    const std::size_t needed = 16 + (value.size() + 7) / 8 * 8;
    if (strings_ && strings_size_ + needed + 16 > strings_room_) flush_strings();
    if (!strings_) {
      strings_room_ = std::max(kMinHeap, 16 + needed + 16);
      strings_ = append(std::string(strings_room_, '\0'));
      strings_size_ = 16;
      strings_count_ = 0;
    }
    Bytes b;
    b.u16(++strings_count_).u16(1).u32(0).u64(value.size()).raw(value);
    put(strings_ + strings_size_, b.str());
    strings_size_ += needed;
    return {strings_, strings_count_};
  }

  void flush_strings() {
    if (!strings_) return;
    put(strings_, Bytes().raw("GCOL").u32(1).u64(strings_room_).str());
    // Object 0 is the free space at the end.
    put(strings_ + strings_size_, Bytes().u64(0).u64(strings_room_ - strings_size_).str());
    strings_ = 0;
  }

  std::string out_;
  std::uint64_t strings_ = 0;  // address of the open collection, 0 for none
  std::size_t strings_room_ = 0, strings_size_ = 0;
  std::uint64_t strings_count_ = 0;
};

}  // namespace

std::string write_hdf5(const Hdf5Group& root) { return Writer().write(root); }

}  // namespace keratin::io
