#include "io/hdf5.h"

#include <cstring>
#include <random>

#include "expect_error.h"
#include "io/file.h"

namespace keratin::io {
namespace {

Hdf5Group read(const std::string& bytes, const std::string& what = "t.h5") {
  return read_hdf5(bytes.data(), bytes.size(), what);
}

std::string data(const std::string& name) { return read_file(KERATIN_TEST_DATA "/hdf5/" + name); }

void expect_dataset(const Hdf5Group* group, const std::string& name, const Tensor& expected) {
  ASSERT_TRUE(group && group->datasets.contains(name)) << name;
  const Tensor& t = group->datasets.at(name);
  ASSERT_EQ(t.dtype(), expected.dtype()) << name;
  ASSERT_EQ(t.shape(), expected.shape()) << name;
  EXPECT_EQ(std::memcmp(t.raw(), expected.raw(), t.bytes()), 0) << name;
}

void expect_same(const Hdf5Group& a, const Hdf5Group& b, const std::string& path = "/") {
  EXPECT_EQ(a.attributes, b.attributes) << path;
  EXPECT_EQ(a.list_attributes, b.list_attributes) << path;
  ASSERT_EQ(a.datasets.size(), b.datasets.size()) << path;
  for (const auto& [name, tensor] : a.datasets) expect_dataset(&b, name, tensor);
  ASSERT_EQ(a.groups.size(), b.groups.size()) << path;
  for (const auto& [name, group] : a.groups) {
    ASSERT_TRUE(b.groups.contains(name)) << path << name;
    expect_same(group, b.groups.at(name), path + name + "/");
  }
}

// What make_hdf5.py writes, by both generations of the format.
class Hdf5Made : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Formats, Hdf5Made, testing::Values("classic.h5", "latest.h5"));

TEST_P(Hdf5Made, IsReadWhole) {
  const Hdf5Group root = read(data(GetParam()));
  EXPECT_EQ(root.attributes,
            (std::map<std::string, std::string>{{"fixed", "fixed"}, {"text", "déjà vu"}}));
  EXPECT_EQ(root.list_attributes.at("names"), (std::vector<std::string>{"a", "", "long name"}));
  EXPECT_TRUE(root.list_attributes.at("empty").empty());
  const Hdf5Group* vars = root.find("layers/dense/vars");
  ASSERT_TRUE(vars);
  EXPECT_EQ(vars->attributes.at("name"), "dense");
  expect_dataset(vars, "0", Tensor::of<float>({2, 3}, {0, .25, .5, .75, 1, 1.25}));
  expect_dataset(vars, "1", Tensor::of<double>({2}, {1, -2}));
  const Hdf5Group* types = root.find("/types/");
  expect_dataset(types, "scalar", Tensor::scalar<std::int32_t>(-7));
  expect_dataset(types, "int64", Tensor::of<std::int64_t>({2}, {-5, std::int64_t(1) << 40}));
  expect_dataset(types, "uint8", Tensor::of<std::uint8_t>({2}, {0, 200}));
  expect_dataset(types, "uint32", Tensor::of<std::uint32_t>({1}, {4000000000u}));
  expect_dataset(types, "big_endian", Tensor::of<float>({2}, {1.5, -2.5}));
  expect_dataset(types, "nothing", Tensor(DType::kFloat32, {0, 3}));
  expect_dataset(types, "compact", Tensor::of<float>({2}, {8, 9}));
  EXPECT_EQ(types->datasets.at("bool").dtype(), DType::kBool);
  EXPECT_EQ(root.find("layers/none"), nullptr);
}

TEST_P(Hdf5Made, SurvivesWritingAndReadingAgain) {
  const Hdf5Group root = read(data(GetParam()));
  const std::string bytes = write_hdf5(root);
  expect_same(root, read(bytes));
  EXPECT_EQ(bytes, write_hdf5(root));
}

TEST_P(Hdf5Made, IsAnErrorWhenCutShort) {
  const std::string good = data(GetParam());
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_THROW(read(good.substr(0, n)), Error) << n;
}

TEST_P(Hdf5Made, DoesNoHarmWithFlippedBytes) {
  const std::string good = data(GetParam());
  std::mt19937 random(1);
  int errors = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    for (unsigned n = 1 + random() % 4; n-- > 0;) {
      const std::size_t at = random() % bad.size();
      // Extreme values find more than random ones.
      constexpr char kExtreme[] = {'\0', '\1', '\x7f', '\x80', '\xff'};
      bad[at] = random() % 2 ? char(random()) : kExtreme[random() % 5];
    }
    try {
      read(bad);
    } catch (const Error& error) {
      ++errors;
      EXPECT_THAT(error.what(), testing::HasSubstr("t.h5")) << "the file is not named";
    }
  }
  EXPECT_GT(errors, 1000);
}

TEST(Hdf5, GroupsOfManyMembers) {
  const Hdf5Group root = read(data("many.h5"));
  ASSERT_EQ(root.datasets.size(), 300u);
  for (const auto& [name, tensor] : root.datasets) EXPECT_EQ(tensor.data<float>()[0], 4) << name;
  for (const int count : {0, 1, 8, 9, 256, 257, 8192, 8193}) {  // borders of nodes and levels
    Hdf5Group written;
    for (int i = 0; i < count; ++i) written.groups["g" + std::to_string(i)];
    EXPECT_EQ(read(write_hdf5(written)).groups.size(), std::size_t(count));
  }
}

TEST(Hdf5, LongStrings) {
  Hdf5Group root;
  root.attributes["config"] = std::string(300000, 'c');
  root.attributes["empty"] = "";
  for (int i = 0; i < 1000; ++i)
    root.list_attributes["names"].push_back("layer_" + std::to_string(i));
  expect_same(root, read(write_hdf5(root)));
  root.list_attributes["names"].resize(5000);
  EXPECT_ERROR(write_hdf5(root), Code::kUnsupported,
               "the attribute 'names' of '/' has 5000 strings");
}

TEST(Hdf5, RefusesNamesThatAreNone) {
  Hdf5Group root;
  root.groups["a/b"];
  EXPECT_ERROR(write_hdf5(root), Code::kInternal, "'a/b'");
  root.groups.clear();
  root.groups["x"];
  root.datasets["x"] = Tensor::scalar<float>(1);
  EXPECT_ERROR(write_hdf5(root), Code::kInternal, "both a group and a dataset");
}

TEST(Hdf5, RefusesWhatItDoesNotReadByName) {
  const auto refused = [](const char* name, Code code, const char* message) {
    EXPECT_ERROR(read(data(name), name), code, message);
    EXPECT_ERROR(read(data(name), name), code, name);
  };
  refused("compressed.h5", Code::kUnsupported, "'/x', compressed");
  refused("chunked.h5", Code::kUnsupported, "'/x', stored in chunks");
  refused("soft_link.h5", Code::kUnsupported, "soft links");
  refused("external.h5", Code::kUnsupported, "links");
  refused("external_data.h5", Code::kUnsupported, "data in other files");
  refused("compound.h5", Code::kUnsupported, "'/x', of elements of class 6");
  refused("bomb.h5", Code::kCorrupt, "'/x' claims the shape (1099511627776,)");
  refused("loop.h5", Code::kCorrupt, "deep");
  EXPECT_ERROR(read("PK\3\4", "m.h5"), Code::kCorrupt, "m.h5: not an HDF5 file");
  EXPECT_ERROR(read("", "m.h5"), Code::kCorrupt, "m.h5: not an HDF5 file");
}

// Each of 30 groups holds the next one twice: 2^30 paths in a few kilobytes.
TEST(Hdf5, LinksThatMultiplyEnd) {
  Hdf5Group root;
  Hdf5Group* group = &root;
  for (int i = 0; i < 30; ++i) {
    group->groups["b"];
    group = &group->groups["a"];
  }
  std::string bytes = write_hdf5(root);
  // In each symbol table node with two entries, the second gets the address of the first.
  for (std::size_t at = 0; (at = bytes.find("SNOD", at)) != bytes.npos; ++at)
    if (bytes[at + 6] == 2) bytes.replace(at + 8 + 40 + 8, 8, bytes, at + 8 + 8, 8);
  EXPECT_ERROR(read(bytes), Code::kCorrupt, "without end");
}

}  // namespace
}  // namespace keratin::io
