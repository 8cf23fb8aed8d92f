#include "io/npy.h"

#include <cstring>
#include <random>

#include "expect_error.h"
#include "io/file.h"
#include "io/temporary.h"
#include "io/zip.h"

namespace keratin::io {
namespace {

// A file of version 1 with this header, not padded, and so many bytes of data.
std::string file(const std::string& header, std::size_t data_size) {
  std::string bytes = "\x93NUMPY";
  bytes +=
      {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return bytes + header + std::string(data_size, '\1');
}

std::string dictionary(const std::string& descr, const std::string& order,
                       const std::string& shape) {
  return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

std::map<std::string, Tensor> examples() {
  return {
      {"f4", Tensor::of<float>({2, 2}, {1, -2, 3.5, 4})},
      {"f8", Tensor::of<double>({1}, {1e-300})},
      {"i4", Tensor::of<std::int32_t>({}, {-7})},
      {"i8", Tensor::of<std::int64_t>({2}, {-5, std::int64_t(1) << 40})},
      {"u1", Tensor::of<std::uint8_t>({3, 1, 1}, {0, 1, 255})},
      {"u4", Tensor::of<std::uint32_t>({1}, {4000000000u})},
      {"none", Tensor(DType::kFloat32, {0, 3})},
      {"layer/with space", Tensor::of<float>({1}, {1})},
  };
}

void expect_same(const Tensor& a, const Tensor& b, const std::string& name) {
  EXPECT_EQ(a.dtype(), b.dtype()) << name;
  EXPECT_EQ(a.shape(), b.shape()) << name;
  ASSERT_EQ(a.bytes(), b.bytes()) << name;
  EXPECT_EQ(std::memcmp(a.raw(), b.raw(), a.bytes()), 0) << name;
}

TEST(Npy, RoundTripOfAllTypes) {
  for (const auto& [name, tensor] : examples())
    expect_same(read_npy(write_npy(tensor), "t"), tensor, name);
  const auto back = read_npz(write_npz(examples()), "t");
  ASSERT_EQ(back.size(), examples().size());
  for (const auto& [name, tensor] : examples()) expect_same(back.at(name), tensor, name);
}

// As numpy.save writes it: the data begins at a multiple of 64.
TEST(Npy, WritesNumpysHeader) {
  const std::string bytes = write_npy(Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(bytes.size(), 128u + 24u);
  EXPECT_EQ(bytes.substr(10, 60), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ");
  EXPECT_NE(write_npy(Tensor::of<float>({1}, {1})).find("(1,)"), std::string::npos);
  EXPECT_NE(write_npy(Tensor::scalar(1.f)).find("(),"), std::string::npos);
}

TEST(Npy, ReadsOtherFormsOfTheHeader) {
  EXPECT_EQ(
      read_npy(file("{\"shape\":(2L,1L),\"fortran_order\":False,\"descr\":\"<f4\"}\n", 8), "t")
          .shape(),
      (Shape{2, 1}));
  EXPECT_EQ(read_npy(file(dictionary("'=i4'", "True", "(2,)"), 8), "t").dtype(), DType::kInt32);
  const Tensor booleans = read_npy(file(dictionary("'|b1'", "False", "(2,)"), 2), "t");
  EXPECT_EQ(static_cast<const std::uint8_t*>(booleans.raw())[1], 1);
}

TEST(Npy, RefusesWhatItCannotRead) {
  const auto read = [](const std::string& descr, const std::string& order,
                       const std::string& shape) {
    return read_npy(file(dictionary(descr, order, shape), 64), "x.npy");
  };
  EXPECT_ERROR(read_npy("", "x.npy"), Code::kCorrupt, "x.npy: not an npy file");
  EXPECT_ERROR(read("'>f4'", "False", "(2,)"), Code::kUnsupported, "'>f4'");
  EXPECT_ERROR(read("'<f2'", "False", "(2,)"), Code::kUnsupported, "convert");
  EXPECT_ERROR(read("'|O'", "False", "(2,)"), Code::kUnsupported, "objects");
  EXPECT_ERROR(read("[('a', '<f4')]", "False", "(2,)"), Code::kUnsupported, "records");
  EXPECT_ERROR(read("'<f4'", "True", "(2, 2)"), Code::kUnsupported, "Fortran");
  EXPECT_ERROR(read("'<f4'", "False", "(17,)"), Code::kCorrupt, "does not fit");
  EXPECT_ERROR(read("'<f4'", "False", "(4611686018427387904, 4)"), Code::kCorrupt, "does not fit");
  EXPECT_ERROR(read("'<f4'", "False", "(99999999999999999999,)"), Code::kCorrupt, "too large");
  EXPECT_ERROR(read("'<f4'", "False", "(-1,)"), Code::kCorrupt, "no extent");
  EXPECT_ERROR(read("'<f4'", "Maybe", "(1,)"), Code::kCorrupt, "True nor False");
  EXPECT_ERROR(read_npy(file("{'descr': '<f4'}", 8), "x"), Code::kCorrupt, "missing");
  EXPECT_ERROR(read_npy(file("{'other': 1}", 8), "x"), Code::kCorrupt, "unknown key");
  EXPECT_ERROR(read_npz(write_zip({{"a.txt", "b"}}), "x.npz"), Code::kCorrupt, "'a.txt'");
  EXPECT_ERROR(read_npz(write_zip({{"a.npy", "b"}}), "x.npz"), Code::kCorrupt, "x.npz: 'a.npy'");
}

TEST(Npy, EveryPrefixAndManyDamagedFilesEnd) {
  const std::string good = write_npy(Tensor::of<float>({2, 2}, {1, 2, 3, 4}));
  for (std::size_t n = 0; n < good.size(); ++n)
    EXPECT_THROW(read_npy(good.substr(0, n), "t"), Error);
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string bad = good;
    for (int k = 0; k < 3; ++k) bad[random() % 80] = static_cast<char>(random());
    try {
      EXPECT_LE(read_npy(bad, "t").bytes(), bad.size());
    } catch (const Error&) {
    }
  }
}

TEST(Npy, MapsFiles) {
  TemporaryFolder folder;
  for (const auto& [name, tensor] : examples()) {
    const std::string path = folder.file("a.npy");
    write_file(path, write_npy(tensor));
    expect_same(map_npy(path), tensor, name);
  }
  EXPECT_ERROR(map_npy(folder.file("missing")), Code::kNotFound, "missing");
  EXPECT_ERROR(map_npy(folder.file("")), Code::kIo, "");
  write_file(folder.file("empty"), "");
  EXPECT_ERROR(map_npy(folder.file("empty")), Code::kIo, "empty");
  write_file(folder.file("odd"), file(dictionary("'<f4'", "False", "(1,)"), 4));
  EXPECT_ERROR(map_npy(folder.file("odd")), Code::kUnsupported, "aligned");
}

// A map of which one page is looked at takes about that page; what is written to it is our own.
TEST(Npy, AMapOutlivesItsFileAndLeavesItAlone) {
  TemporaryFolder folder;
  const std::string path = folder.file("a.npy");
  write_file(path, write_npy(Tensor::of<float>({3}, {1, 2, 3})));
  const Tensor tensor = map_npy(path);
  tensor.data<float>()[0] = 7;
  EXPECT_EQ(map_npy(path).data<float>()[0], 1);
  write_file(path, "other");  // by renaming: the old file lives on beneath the map
  EXPECT_EQ(tensor.data<float>()[0], 7);
  EXPECT_EQ(tensor.rows(1, 3).data<float>()[1], 3);
}

}  // namespace
}  // namespace keratin::io
