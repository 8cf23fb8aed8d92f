#include "io/safetensors.h"

#include <cstring>
#include <vector>

#include "core/json.h"

namespace keratin::io {
namespace {

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the bound of the reference implementation

struct Name {
  const char* name;
  DType dtype;
};
constexpr Name kNames[] = {
    {"F32", DType::kFloat32}, {"F64", DType::kFloat64}, {"I32", DType::kInt32},
    {"I64", DType::kInt64},   {"U8", DType::kUint8},    {"U32", DType::kUint32},
    {"BOOL", DType::kBool},   {"I8", DType::kInt8},
};

// A count in the header; safetensors has no negative numbers.
std::uint64_t count(const Json& json, const std::string& where) {
  if (!json.is_number_unsigned())
    fail(Code::kCorrupt, where, ": expected a count, got ", json.dump());
  return json.get<std::uint64_t>();
}

Tensor read_tensor(const Json& entry, const char* data, std::uint64_t available,
                   const std::string& where) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() ||
      !entry.contains("shape") || !entry["shape"].is_array() || !entry.contains("data_offsets") ||
      !entry["data_offsets"].is_array() || entry["data_offsets"].size() != 2)
    fail(Code::kCorrupt, where, ": expected dtype, shape and data_offsets");
  const std::string dtype_name = entry["dtype"].get<std::string>();
  const Name* found = nullptr;
  for (const Name& n : kNames)
    if (dtype_name == n.name) found = &n;
  if (!found) fail(Code::kUnsupported, where, ": the dtype ", dtype_name, " is not supported");

  const std::uint64_t begin = count(entry["data_offsets"][0], where);
  const std::uint64_t end = count(entry["data_offsets"][1], where);
  if (begin > end || end > available)
    fail(Code::kCorrupt, where, ": bytes ", begin, " to ", end, " lie outside the data of ",
         available, " bytes");
  Shape shape;
  std::uint64_t bytes = size_of(found->dtype);
  bool fits = true;
  for (const Json& extent : entry["shape"]) {
    const std::uint64_t n = count(extent, where);
    fits = fits && n <= INT64_MAX && !__builtin_mul_overflow(bytes, n, &bytes);
    shape.push_back(static_cast<std::int64_t>(n));
  }
  if (!fits || bytes != end - begin)
    fail(Code::kCorrupt, where, ": ", dtype_name, " of shape ", entry["shape"].dump(),
         " does not take the ", end - begin, " bytes it has");
  Tensor tensor(found->dtype, std::move(shape));
  if (bytes) std::memcpy(tensor.raw(), data + begin, bytes);
  if (found->dtype == DType::kBool)
    for (std::int64_t i = 0; i < tensor.size(); ++i) {
      auto& byte = static_cast<std::uint8_t*>(tensor.raw())[i];
      byte = byte != 0;
    }
  return tensor;
}

}  // namespace

std::map<std::string, Tensor> read_safetensors(const std::string& bytes, const std::string& what) {
  std::uint64_t header_size = 0;
  if (bytes.size() < sizeof header_size)
    fail(Code::kCorrupt, what, ": too short for a safetensors file");
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  if (header_size > kMaxHeader || header_size > bytes.size() - sizeof header_size)
    fail(Code::kCorrupt, what, ": claims a header of ", header_size, " bytes in a file of ",
         bytes.size());
  const Json header =
      parse_json(bytes.substr(sizeof header_size, header_size), what + ": safetensors header");
  if (!header.is_object()) fail(Code::kCorrupt, what, ": the safetensors header is not an object");

  const char* data = bytes.data() + sizeof header_size + header_size;
  const std::uint64_t available = bytes.size() - sizeof header_size - header_size;
  std::map<std::string, Tensor> tensors;
  std::uint64_t total = 0;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    Tensor tensor = read_tensor(entry, data, available, concat(what, ": '", name, "'"));
    total += tensor.bytes();
    if (total > available)
      fail(Code::kCorrupt, what, ": tensors overlap: they claim more than the ", available,
           " bytes there are");
    tensors.emplace(name, std::move(tensor));
  }
  return tensors;
}

std::string write_safetensors(const std::map<std::string, Tensor>& tensors) {
  Json header = Json::object();
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const char* dtype_name = nullptr;
    for (const Name& n : kNames)
      if (n.dtype == tensor.dtype()) dtype_name = n.name;
    header[name] = {{"dtype", dtype_name},
                    {"shape", tensor.shape()},
                    {"data_offsets", {offset, offset + tensor.bytes()}}};
    offset += tensor.bytes();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // the data begins aligned
  const std::uint64_t header_size = text.size();
  std::string bytes(sizeof header_size, '\0');
  std::memcpy(bytes.data(), &header_size, sizeof header_size);
  bytes.reserve(bytes.size() + text.size() + offset);
  bytes += text;
  for (const auto& [name, tensor] : tensors)
    bytes.append(static_cast<const char*>(tensor.raw()), tensor.bytes());
  return bytes;
}

}  // namespace keratin::io
