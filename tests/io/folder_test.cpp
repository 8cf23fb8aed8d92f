#include "io/folder.h"

#include <gtest/gtest.h>
#include <png.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/error.h"
#include "io/temporary.h"

namespace keratin::io {
namespace {

namespace fs = std::filesystem;

class Folders : public testing::Test {
 protected:
  void picture(const std::string& name, std::uint8_t level, std::uint32_t size = 4) {
    fs::create_directories((path / name).parent_path());
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = size;
    image.format = PNG_FORMAT_GRAY;
    const std::vector<std::uint8_t> pixels(size * size, level);
    ASSERT_TRUE(
        png_image_write_to_file(&image, (path / name).c_str(), 0, pixels.data(), 0, nullptr));
  }
  void text(const std::string& name, const std::string& content) {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << content;
  }
  // Ten pictures of two classes, of the levels 0 to 9.
  void ten() {
    for (int i = 0; i < 10; ++i)
      picture((i < 6 ? "cats/" : "dogs/") + std::to_string(i) + ".png", std::uint8_t(i));
  }
  Folder open(Json config, bool texts = false) {
    return {path.string(), texts, FolderOptions::from_json(config, texts)};
  }
  // The first element of each picture, with its label, over one epoch.
  static std::vector<std::pair<float, int>> epoch(Folder& folder) {
    std::vector<std::pair<float, int>> all;
    Dataset batch;
    folder.restart();
    while (folder.next(batch)) {
      const std::int64_t n = batch.rows(), size = batch.x[0].size() / n;
      for (std::int64_t i = 0; i < n; ++i)
        all.emplace_back(batch.x[0].data<float>()[i * size], batch.y[0].data<std::int32_t>()[i]);
    }
    return all;
  }
  TemporaryFolder folder_;
  fs::path path = folder_.file("");
};

const Json kSmall = {{"image_size", {2, 3}}, {"batch_size", 4}};

Json with(Json more) {
  Json config = kSmall;
  config.update(more);
  return config;
}

TEST_F(Folders, BatchesInOrder) {
  ten();
  text("cats/notes.txt", "no picture");
  text("loose.png", "in no class");
  Folder folder = open(with({{"shuffle", false}, {"color_mode", "grayscale"}}));
  EXPECT_EQ(folder.class_names(), (std::vector<std::string>{"cats", "dogs"}));
  EXPECT_EQ(folder.count(), 10);
  Dataset batch;
  folder.restart();
  for (const std::int64_t rows : {4, 4, 2}) {
    ASSERT_TRUE(folder.next(batch));
    EXPECT_EQ(batch.x[0].shape(), (Shape{rows, 2, 3, 1}));
    EXPECT_EQ(batch.y[0].shape(), (Shape{rows}));
  }
  EXPECT_FALSE(folder.next(batch));
  const auto all = epoch(folder);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(all[std::size_t(i)], std::pair(float(i), int(i >= 6)));
}

TEST_F(Folders, LabelsHaveTheFormAskedFor) {
  ten();
  Dataset batch;
  Folder one_hot =
      open(with({{"label_mode", "categorical"}, {"shuffle", false}, {"batch_size", 7}}));
  ASSERT_TRUE(one_hot.next(batch));
  EXPECT_EQ(batch.y[0].shape(), (Shape{7, 2}));
  EXPECT_EQ(batch.y[0].data<float>()[11], 0);
  EXPECT_EQ(batch.y[0].data<float>()[13], 1);
  Folder binary =
      open(with({{"label_mode", "binary"}, {"class_names", {"dogs", "cats"}}, {"shuffle", false}}));
  ASSERT_TRUE(binary.next(batch));
  EXPECT_EQ(batch.y[0].shape(), (Shape{4, 1}));
  EXPECT_EQ(batch.x[0].data<float>()[0], 6);
  EXPECT_EQ(batch.y[0].data<float>()[0], 0);
  Folder none = open(with({{"label_mode", nullptr}}));
  ASSERT_TRUE(none.next(batch));
  EXPECT_TRUE(batch.y.empty());
  EXPECT_EQ(none.count(), 10);
}

TEST_F(Folders, ShufflesAnewEachEpochAndTheSameForASeed) {
  ten();
  Folder a = open(with({{"seed", 3}})), b = open(with({{"seed", 3}})),
         c = open(with({{"seed", 4}}));
  const auto first = epoch(a), second = epoch(a);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, epoch(b));
  EXPECT_NE(first, epoch(c));
  EXPECT_EQ(std::set(first.begin(), first.end()), std::set(second.begin(), second.end()));
  for (const auto& [level, label] : first) EXPECT_EQ(label, int(level >= 6));
}

TEST_F(Folders, SubsetsShareNoFile) {
  ten();
  Folder training = open(with({{"seed", 3}, {"validation_split", 0.3}, {"subset", "training"}}));
  Folder validation =
      open(with({{"seed", 3}, {"validation_split", 0.3}, {"subset", "validation"}}));
  std::vector<std::pair<float, int>> all = epoch(training);
  EXPECT_EQ(all.size(), 7u);
  for (const auto& one : epoch(validation)) all.push_back(one);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 10u);
}

TEST_F(Folders, Texts) {
  text("good/a.txt", "well done");
  text("good/deeper/b.TXT", "");
  text("bad/c.txt", "oh no");
  Folder folder = open({{"shuffle", false}, {"max_length", 4}}, true);
  Dataset batch;
  ASSERT_TRUE(folder.next(batch));
  ASSERT_EQ(batch.x[0].shape(), (Shape{3}));
  EXPECT_EQ(batch.x[0].data<String>()[0].view(), "oh n");
  EXPECT_EQ(batch.x[0].data<String>()[1].view(), "well");
  EXPECT_EQ(batch.x[0].data<String>()[2].view(), "");
}

TEST_F(Folders, BadArgumentsAndFilesAreErrors) {
  ten();
  for (const Json& config :
       {Json{{"label_mode", "roman"}}, Json{{"subset", "training"}},
        Json{{"validation_split", 0.5}}, Json{{"batch_size", 0}}, Json{{"image_size", {0, 3}}},
        Json{{"image_size", 3}}, Json{{"color_mode", "hsv"}}, Json{{"size", 3}},
        Json{{"shuffle", 1}}, Json{{"class_names", {"birds"}}},
        Json{{"validation_split", 0.5}, {"subset", "training"}}})
    EXPECT_THROW(open(config), Error) << config.dump();
  EXPECT_THROW(open(Json{{"image_size", {2, 2}}}, true), Error);
  EXPECT_THROW(open(Json::object(), true), Error);  // no texts in it
  EXPECT_THROW(Folder((path / "none").string(), false, {}), Error);
  text("dogs/z.png", "no picture");
  Folder folder = open(with({{"shuffle", false}, {"batch_size", 20}}));
  Dataset batch;
  try {
    folder.next(batch);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("z.png"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace keratin::io
