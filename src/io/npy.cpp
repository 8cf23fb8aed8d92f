#include "io/npy.h"

#include <cctype>
#include <cstring>
#include <string_view>

#include "core/error.h"
#include "io/mapped_file.h"
#include "io/zip.h"

namespace keratin::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;  // of the data in files we write

struct Description {
  const char* name;
  DType dtype;
};
// "|" stands for "no byte order".
constexpr Description kDescriptions[] = {
    {"<f4", DType::kFloat32}, {"<f8", DType::kFloat64}, {"<i4", DType::kInt32},
    {"<i8", DType::kInt64},   {"|u1", DType::kUint8},   {"<u4", DType::kUint32},
    {"|b1", DType::kBool},    {"|i1", DType::kInt8},
};

struct Header {
  DType dtype = DType::kFloat32;
  Shape shape;
  std::size_t offset = 0;  // of the elements
  std::size_t bytes = 0;   // of all of them
};

// Reads the header's text, a Python dictionary of a string, a boolean and a tuple of integers.
class Parser {
 public:
  Parser(std::string_view text, const std::string& what) : text_(text), what_(what) {}

  void parse(std::string& descr, bool& fortran, Shape& shape) {
    int seen = 0;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr") {
        if (peek() == '[') fail(Code::kUnsupported, what_, ": an array of records, not of numbers");
        descr = string();
        seen |= 1;
      } else if (key == "fortran_order") {
        fortran = boolean();
        seen |= 2;
      } else if (key == "shape") {
        shape = tuple();
        seen |= 4;
      } else {
        broken("an unknown key '" + key + "'");
      }
      if (!accept(',') && peek() != '}') broken("no ','");
    }
    if (seen != 7) broken("a key is missing");
  }

 private:
  [[noreturn]] void broken(const std::string& reason) const {
    fail(Code::kCorrupt, what_, ": the npy header is damaged: ", reason, " before byte ", at_);
  }
  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) broken(std::string("no '") + c + "'");
  }
  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') broken("no string");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) broken("a string does not end");
    const std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    peek();
    for (const std::string_view word : {"True", "False"})
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return word == "True";
      }
    broken("neither True nor False");
  }
  std::int64_t extent() {
    if (!std::isdigit(static_cast<unsigned char>(peek()))) broken("no extent");
    std::int64_t value = 0;
    for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_)
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, text_[at_] - '0', &value))
        broken("an extent is too large");
    accept('L');  // of Python 2
    return value;
  }
  Shape tuple() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      shape.push_back(extent());
      if (shape.size() > 64) broken("more than 64 axes");
      if (!accept(',') && peek() != ')') broken("no ','");
    }
    return shape;
  }

  std::string_view text_;
  const std::string& what_;
  std::size_t at_ = 0;
};

DType dtype_of(const std::string& descr, const std::string& what) {
  for (const Description& n : kDescriptions)
    if (descr == n.name ||
        (descr.size() == 3 && descr[0] == '=' && n.name[0] == '<' && descr.substr(1) == n.name + 1))
      return n.dtype;
  if (descr.find('O') != std::string::npos)
    fail(Code::kUnsupported, what, ": an array of Python objects, which are not unpickled");
  fail(Code::kUnsupported, what, ": the dtype '", descr,
       "' is not supported; convert the array to float32 or int32");
}

Header read_header(std::string_view file, const std::string& what) {
  if (file.size() < 10 || !file.starts_with(kMagic))
    fail(Code::kCorrupt, what, ": not an npy file");
  const int version = static_cast<unsigned char>(file[6]);
  if (version < 1 || version > 3)
    fail(Code::kUnsupported, what, ": version ", version, " of the npy format");
  const std::size_t length_size = version == 1 ? 2 : 4;
  std::uint32_t length = 0;
  if (file.size() < 8 + length_size) fail(Code::kCorrupt, what, ": the npy header is cut short");
  std::memcpy(&length, file.data() + 8, length_size);
  Header header;
  header.offset = 8 + length_size;
  if (length > file.size() - header.offset)
    fail(Code::kCorrupt, what, ": claims an npy header of ", length, " bytes in a file of ",
         file.size());
  std::string descr;
  bool fortran = false;
  Parser(file.substr(header.offset, length), what).parse(descr, fortran, header.shape);
  header.offset += length;
  header.dtype = dtype_of(descr, what);
  if (fortran && header.shape.size() > 1)
    fail(Code::kUnsupported, what,
         ": an array in Fortran's order; save numpy.ascontiguousarray of it");

  header.bytes = size_of(header.dtype);
  bool fits = true;
  for (const std::int64_t extent : header.shape)
    fits = fits &&
           !__builtin_mul_overflow(header.bytes, static_cast<std::size_t>(extent), &header.bytes);
  const std::size_t available = file.size() - header.offset;
  if (!fits || header.bytes > available)
    fail(Code::kCorrupt, what, ": ", name_of(header.dtype), " of shape ", to_string(header.shape),
         " does not fit into the ", available, " bytes there are");
  return header;
}

Tensor copy(const Header& header, const char* elements) {
  Tensor tensor(header.dtype, header.shape);
  if (header.bytes) std::memcpy(tensor.raw(), elements, header.bytes);
  if (header.dtype == DType::kBool)
    for (std::size_t i = 0; i < header.bytes; ++i) {
      auto& byte = static_cast<std::uint8_t*>(tensor.raw())[i];
      byte = byte != 0;
    }
  return tensor;
}

}  // namespace

Tensor read_npy(const std::string& bytes, const std::string& what) {
  const Header header = read_header(bytes, what);
  return copy(header, bytes.data() + header.offset);
}

Tensor map_npy(const std::string& path) {
  const auto file = std::make_shared<const MappedFile>(path);
  const Header header = read_header({file->data(), file->size()}, path);
  char* elements = file->data() + header.offset;
  if (header.dtype == DType::kBool || header.bytes == 0) return copy(header, elements);
  if (header.offset % size_of(header.dtype) != 0)
    fail(Code::kUnsupported, path, ": elements of ", size_of(header.dtype), " bytes begin at byte ",
         header.offset, ", which is not aligned; save the array anew");
  return Tensor::over(elements, header.dtype, header.shape, [file] {});
}

std::string write_npy(const Tensor& tensor) {
  const char* descr = nullptr;
  for (const Description& n : kDescriptions)
    if (n.dtype == tensor.dtype()) descr = n.name;
  if (!descr)
    fail(Code::kUnsupported, "npy: ", name_of(tensor.dtype()), " cannot be written to such files");
  std::string text = concat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (");
  for (std::size_t i = 0; i < tensor.shape().size(); ++i)
    text += concat(i ? " " : "", tensor.shape()[i], ",");
  if (tensor.shape().size() > 1) text.pop_back();  // Python writes (2,) but (2, 3)
  text += "), }";
  const std::size_t fixed = kMagic.size() + 4;
  text.append(kAlignment - (fixed + text.size() + 1) % kAlignment, ' ');
  text += '\n';
  const auto length = static_cast<std::uint16_t>(text.size());
  std::string bytes(kMagic);
  bytes += {'\1', '\0', static_cast<char>(length & 255), static_cast<char>(length >> 8)};
  bytes += text;
  bytes.append(static_cast<const char*>(tensor.raw()), tensor.bytes());
  return bytes;
}

std::map<std::string, Tensor> read_npz(const std::string& bytes, const std::string& what) {
  constexpr std::string_view kEnding = ".npy";
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, contents] : read_zip(bytes, what)) {
    if (!name.ends_with(kEnding))
      fail(Code::kCorrupt, what, ": not an npz file: it has a member '", name, "'");
    tensors.emplace(name.substr(0, name.size() - kEnding.size()),
                    read_npy(contents, concat(what, ": '", name, "'")));
  }
  return tensors;
}

std::string write_npz(const std::map<std::string, Tensor>& tensors) {
  std::map<std::string, std::string> members;
  for (const auto& [name, tensor] : tensors) members[name + ".npy"] = write_npy(tensor);
  return write_zip(members);
}

}  // namespace keratin::io
