#include "io/safetensors.h"

#include <cstring>
#include <random>

#include "expect_error.h"

namespace keratin::io {
namespace {

// A file with this header and so many bytes of data.
std::string file(const std::string& header, std::size_t data_size) {
  std::string bytes(8, '\0');
  const std::uint64_t n = header.size();
  std::memcpy(bytes.data(), &n, 8);
  return bytes + header + std::string(data_size, '\1');
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"t":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

TEST(Safetensors, RoundTripOfAllTypes) {
  const std::map<std::string, Tensor> tensors = {
      {"f32", Tensor::of<float>({2, 2}, {1, -2, 3.5, 4})},
      {"f64", Tensor::of<double>({1}, {1e-300})},
      {"i32", Tensor::of<std::int32_t>({}, {-7})},
      {"i64", Tensor::of<std::int64_t>({2}, {-5, std::int64_t(1) << 40})},
      {"u8", Tensor::of<std::uint8_t>({3}, {0, 1, 255})},
      {"u32", Tensor::of<std::uint32_t>({1}, {4000000000u})},
      {"none", Tensor(DType::kFloat32, {0, 3})},
  };
  const auto back = read_safetensors(write_safetensors(tensors), "t");
  ASSERT_EQ(back.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    ASSERT_TRUE(back.contains(name)) << name;
    const Tensor& b = back.at(name);
    EXPECT_EQ(b.dtype(), tensor.dtype()) << name;
    EXPECT_EQ(b.shape(), tensor.shape()) << name;
    EXPECT_EQ(std::memcmp(b.raw(), tensor.raw(), tensor.bytes()), 0) << name;
  }
}

TEST(Safetensors, ReadsWhatTheReferenceWrites) {
  const std::string header =
      R"({"__metadata__":{"format":"np"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
      R"("b":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]}}   )";
  const auto tensors = read_safetensors(file(header, 10), "t");
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors.at("a").shape(), (Shape{2}));
  EXPECT_EQ(tensors.at("b").dtype(), DType::kBool);
}

TEST(Safetensors, RefusesWhatDoesNotFit) {
  const auto read = [](const std::string& bytes) {
    return read_safetensors(bytes, "x.safetensors");
  };
  EXPECT_ERROR(read(""), Code::kCorrupt, "x.safetensors: too short");
  EXPECT_ERROR(read(std::string(8, '\xff')), Code::kCorrupt, "claims a header");
  EXPECT_ERROR(read(file("[]", 0)), Code::kCorrupt, "not an object");
  EXPECT_ERROR(read(file("{", 0)), Code::kCorrupt, "not valid JSON");
  EXPECT_ERROR(read(file(R"({"t":3})", 0)), Code::kCorrupt, "'t': expected dtype, shape");
  EXPECT_ERROR(read(file(entry("F32", "[2]", "[0,9]"), 8)), Code::kCorrupt, "lie outside");
  EXPECT_ERROR(read(file(entry("F32", "[2]", "[8,0]"), 8)), Code::kCorrupt, "lie outside");
  EXPECT_ERROR(read(file(entry("F32", "[3]", "[0,8]"), 8)), Code::kCorrupt,
               "does not take the 8 bytes");
  EXPECT_ERROR(read(file(entry("F32", "[-2]", "[0,8]"), 8)), Code::kCorrupt, "expected a count");
  EXPECT_ERROR(read(file(entry("F32", "[4611686018427387904,4]", "[0,0]"), 8)), Code::kCorrupt,
               "does not take");
  EXPECT_ERROR(read(file(entry("Q9", "[2]", "[0,8]"), 8)), Code::kUnsupported, "Q9");
  EXPECT_ERROR(read(file(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},)"
                         R"("b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})",
                         8)),
               Code::kCorrupt, "overlap");
}

TEST(Safetensors, NoPrefixAndNoFlippedByteDoesHarm) {
  const std::string good = write_safetensors(
      {{"a", Tensor::of<float>({2}, {1, 2})}, {"b", Tensor::of<std::int32_t>({1}, {3})}});
  for (std::size_t n = 0; n < good.size(); ++n)
    EXPECT_THROW(read_safetensors(good.substr(0, n), "t"), Error) << n;
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] = char(random());
    try {
      read_safetensors(bad, "t");
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace keratin::io
