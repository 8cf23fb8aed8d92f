// Reads the tree of groups; hdf5_cursor.h says what keeps hostile files harmless.
#include <algorithm>
#include <unordered_map>

#include "io/hdf5.h"
#include "io/hdf5_object.h"

namespace keratin::io {
namespace {

using namespace hdf5;

constexpr int kMaxDepth = 64;  // of groups in groups

class Reader {
 public:
  Reader(const void* data, std::size_t size, const std::string& what)
      : file_(data, size, what), what_(what) {}

  Hdf5Group read() {
    const std::uint64_t root = read_superblock();
    Object object = read_object(file_, root);
    if (!object.is_group) file_.corrupt("its root is not a group");
    Hdf5Group group;
    read_group(object, group, "/", 0);
    return group;
  }

 private:
  // II.A. Returns the address of the root's object header.
  std::uint64_t read_superblock() {
    if (file_.size() < 16 || std::memcmp(file_.bytes(0, 8), kSignature, 8) != 0)
      fail(Code::kCorrupt, what_, ": not an HDF5 file");
    Cursor c(file_, 8, std::min<std::uint64_t>(file_.size() - 8, 96));
    const int version = c.u8();
    if (version > 3) file_.unsupported("a superblock of version ", version);
    if (version < 2) c.skip(4);  // versions of parts, all 0
    const int offset_size = c.u8(), length_size = c.u8();
    if (offset_size != kOffsetSize || length_size != kOffsetSize)
      file_.unsupported("addresses of ", offset_size, " bytes and lengths of ", length_size);
    if (version < 2) {
      c.skip(1 + 2 + 2 + 4);
      if (version == 1) c.skip(4);
    } else {
      c.skip(1);
    }
    if (c.u64() != 0) file_.unsupported("a base address");
    c.u64();  // free space, or the superblock's extension
    const std::uint64_t end = c.u64();
    if (end > file_.size())
      fail(Code::kCorrupt, what_, ": truncated HDF5 file: ", file_.size(), " bytes of ", end);
    if (version >= 2) return c.u64();
    c.u64();  // driver information
    c.u64();  // the root's name
    return c.u64();
  }

  // --- groups -----------------------------------------------------------------------------------
  void read_tree(std::uint64_t address, int level, Cursor names, std::vector<Link>& links) {
    Cursor head(file_, address, 24);  // III.A.1
    head.expect("TREE");
    if (head.u8() != 0) file_.corrupt("a B-tree of chunks where one of a group belongs");
    const int here = head.u8();
    const std::uint64_t entries = head.u16();
    if (level >= 0 && here != level) file_.corrupt("the levels of a B-tree do not fit");
    Cursor c(file_, address + 24, 8 + entries * 16);
    c.skip(8);
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::uint64_t child = c.u64();
      c.skip(8);
      if (here > 0)
        read_tree(child, here - 1, names, links);
      else
        read_symbols(child, names, links);
    }
  }

  void read_symbols(std::uint64_t address, const Cursor& names,
                    std::vector<Link>& links) {  // III.B
    Cursor head(file_, address, 8);
    head.expect("SNOD");
    head.skip(2);
    const std::uint64_t count = head.u16();
    Cursor c(file_, address + 8, count * kSymbolEntrySize);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t name = c.u64(), header = c.u64();
      constexpr std::uint32_t kSoftLink = 2;
      if (c.u32() == kSoftLink) file_.unsupported("soft links");
      c.skip(20);
      links.push_back({heap_string(names, name), header});
    }
  }

  std::string heap_string(Cursor names, std::uint64_t offset) {
    names.skip(offset);
    const auto* begin = reinterpret_cast<const char*>(names.take(0));
    const auto* end = static_cast<const char*>(std::memchr(begin, 0, names.left()));
    if (!end) file_.corrupt("a name has no end");
    file_.charge(std::uint64_t(end - begin));  // many links may share one name
    return {begin, end};
  }

  Cursor read_heap(std::uint64_t address) {  // III.D
    Cursor c(file_, address, 32);
    c.expect("HEAP");
    c.skip(4);
    const std::uint64_t size = c.u64();
    c.skip(8);
    return {file_, c.u64(), size};
  }

  void read_group(Object& object, Hdf5Group& group, const std::string& path, int depth) {
    if (depth > kMaxDepth) file_.corrupt("groups nest more than ", kMaxDepth, " deep");
    read_attributes(object, group, path);
    if (object.symbol_table) {
      const auto [tree, heap] = *object.symbol_table;
      read_tree(tree, -1, read_heap(heap), object.links);
    }
    for (const Link& link : object.links) {
      file_.charge(path.size());
      const std::string where = path + link.name;
      if (link.name.empty() || link.name.find('/') != link.name.npos ||
          group.groups.contains(link.name) || group.datasets.contains(link.name))
        file_.corrupt("'", where, "' is not a possible name, or there twice");
      Object child = read_object(file_, link.header);
      if (child.is_group)
        read_group(child, group.groups[link.name], where + "/", depth + 1);
      else if (child.layout)
        group.datasets.emplace(link.name, read_dataset(child, where));
      else
        file_.unsupported("'", where, "', neither a group nor a dataset");
    }
  }

  // --- datasets ---------------------------------------------------------------------------------
  Tensor read_dataset(const Object& object, const std::string& where) {
    if (!object.datatype || !object.dataspace) file_.corrupt("'", where, "' has no type or shape");
    const Type type = read_type(file_, *object.datatype);
    const Space space = read_space(file_, *object.dataspace);
    if (space.is_null) file_.unsupported("'", where, "', a dataset without a shape");
    if (object.has_filters) file_.unsupported("'", where, "', compressed");
    const DType dtype = dtype_for(type, where);
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(space.count, type.size, &bytes) || bytes > file_.size())
      file_.corrupt("'", where, "' claims the shape ", to_string(space.shape),
                    ", more than the file's ", file_.size(), " bytes can hold");
    const unsigned char* data = bytes ? find_data(*object.layout, bytes, where) : nullptr;
    return convert(data, type, dtype, space.shape);
  }

  const unsigned char* find_data(Cursor c, std::uint64_t bytes, const std::string& where) {
    const int version = c.u8();  // IV.A.2.i
    auto layout = LayoutClass::kChunked;
    std::uint64_t address = kUndefined, size = 0;
    if (version == 3 || version == 4) {
      layout = LayoutClass(c.u8());
      if (layout == LayoutClass::kCompact) {
        size = c.u16();
      } else if (layout == LayoutClass::kContiguous) {
        address = c.u64();
        size = c.u64();
      }
    } else if (version == 1 || version == 2) {
      const std::uint64_t rank = c.u8();
      layout = LayoutClass(c.u8());
      c.skip(5);
      if (layout != LayoutClass::kCompact) address = c.u64();
      c.skip(4 * rank);
      size = layout == LayoutClass::kCompact ? c.u32() : bytes;
    }
    if (layout == LayoutClass::kCompact && size >= bytes) return c.take(bytes);
    if (layout != LayoutClass::kContiguous && layout != LayoutClass::kCompact)
      file_.unsupported("'", where, "', stored in chunks");
    if (layout == LayoutClass::kCompact || address == kUndefined || size < bytes)
      file_.corrupt("'", where, "' claims ", bytes, " bytes but stores ",
                    address == kUndefined ? 0 : size);
    return file_.bytes(address, bytes);
  }

  DType dtype_for(const Type& type, const std::string& where) {
    if (type.is_boolean) return DType::kBool;
    const auto of_size = [&](std::uint64_t size) { return type.size == size; };
    if (type.type_class == TypeClass::kFloat) {
      if (of_size(4)) return DType::kFloat32;
      if (of_size(8)) return DType::kFloat64;
    }
    if (type.type_class == TypeClass::kInteger) {
      if (of_size(4)) return type.is_signed ? DType::kInt32 : DType::kUint32;
      if (of_size(8) && type.is_signed) return DType::kInt64;
      if (of_size(1)) return type.is_signed ? DType::kInt8 : DType::kUint8;
    }
    file_.unsupported("'", where, "', of elements of class ", int(type.type_class), " and ",
                      type.size, " bytes");
  }

  static Tensor convert(const unsigned char* data, const Type& type, DType dtype, Shape shape) {
    Tensor tensor(dtype, std::move(shape));
    if (!tensor.bytes()) return tensor;
    auto* to = static_cast<unsigned char*>(tensor.raw());
    std::memcpy(to, data, tensor.bytes());
    if (type.big_endian && type.size > 1)
      for (std::size_t i = 0; i < tensor.bytes(); i += type.size)
        std::reverse(to + i, to + i + type.size);
    if (dtype == DType::kBool)
      for (std::size_t i = 0; i < tensor.bytes(); ++i) to[i] = to[i] != 0;
    return tensor;
  }

  // --- attributes (IV.A.2.m) --------------------------------------------------------------------
  void read_attributes(const Object& object, Hdf5Group& group, const std::string& where) {
    for (Cursor c : object.attributes) {
      const int version = c.u8();
      const int flags = c.u8();
      if (version < 1 || version > 3) file_.unsupported("an attribute of version ", version);
      if (version > 1 && flags & 3) file_.unsupported("an attribute of a committed type");
      const std::uint64_t sizes[] = {c.u16(), c.u16(), c.u16()};
      if (version == 3) c.skip(1);
      const auto padded = [&](std::uint64_t n) { return version == 1 ? (n + 7) / 8 * 8 : n; };
      const std::string name = heap_string(c.part(padded(sizes[0])), 0);
      const Type type = read_type(file_, c.part(padded(sizes[1])));
      const Space space = read_space(file_, c.part(padded(sizes[2])));
      if (space.shape.size() > 1 || space.is_null) continue;
      if (!type.is_text && space.count > 0) continue;  // numbers are not what we read
      std::vector<std::string> values;
      for (std::uint64_t i = 0; i < space.count; ++i) values.push_back(read_text(c, type, where));
      if (space.shape.empty())
        group.attributes[name] = values[0];
      else
        group.list_attributes[name] = std::move(values);
    }
  }

  std::string read_text(Cursor& c, const Type& type, const std::string& where) {
    if (type.type_class == TypeClass::kString) {  // padded with zeros or blanks; both are dropped
      const auto* text = reinterpret_cast<const char*>(c.take(type.size));
      std::string value(text, type.size);
      value.resize(std::min(value.find('\0'), value.size()));
      while (value.ends_with(' ')) value.pop_back();
      return value;
    }
    const std::uint64_t length = c.u32(), collection = c.u64(), index = c.u32();
    if (length == 0) return {};
    const auto& objects = read_collection(collection);
    const auto found = objects.find(index);
    if (found == objects.end() || found->second.left() < length)
      file_.corrupt("an attribute of '", where, "' refers to a string that is not there");
    Cursor text = found->second;
    file_.charge(length);  // many attributes may share one string
    return {reinterpret_cast<const char*>(text.take(length)), length};
  }

  // The objects of a global heap collection (III.E), read once.
  using Collection = std::unordered_map<std::uint64_t, Cursor>;
  const Collection& read_collection(std::uint64_t address) {
    if (const auto found = collections_.find(address); found != collections_.end())
      return found->second;
    Cursor head(file_, address, 16);
    head.expect("GCOL");
    head.skip(4);
    const std::uint64_t size = head.u64();
    if (size < 16) file_.corrupt("a global heap of ", size, " bytes");
    Cursor c(file_, address + 16, size - 16);
    Collection objects;
    while (c.left() >= 16) {
      const std::uint64_t index = c.u16();
      c.skip(6);
      const std::uint64_t object_size = c.u64();
      if (index == 0) break;  // the free space at the end
      objects.emplace(index, c.part(object_size));
      c.skip(std::min(c.left(), (8 - object_size % 8) % 8));
    }
    return collections_.emplace(address, std::move(objects)).first->second;
  }

  File file_;
  const std::string& what_;
  std::unordered_map<std::uint64_t, Collection> collections_;
};

}  // namespace

Hdf5Group read_hdf5(const void* data, std::size_t size, const std::string& what) {
  return Reader(data, size, what).read();
}

}  // namespace keratin::io
