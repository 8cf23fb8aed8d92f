// Files of models that are damaged, hostile or of another model: an error each that names what is
// wrong, and nothing changes.
#include "io/keras_file.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "core/random.h"
#include "expect_error.h"
#include "io/file.h"
#include "io/hdf5.h"
#include "io/temporary.h"
#include "io/zip.h"
#include "model/compile.h"

namespace keratin::io {
namespace {

ModelPtr small_model(std::int64_t units = 3) {
  reset_names();
  const auto layer = [](const char* name, const Json& config) {
    return std::static_pointer_cast<Layer>(create("layers", name, config));
  };
  const ModelPtr model =
      Model::sequential({make_input({4}).node->layer, layer("Dense", {{"units", units}}),
                         layer("BatchNormalization", Json::object()),
                         layer("Dropout", {{"rate", 0.5}, {"seed", 1}})});
  compile(model, {{"optimizer", "adam"}, {"loss", "mse"}});
  model->compiled->build_optimizer(*model);
  return model;
}

class KerasFile : public testing::Test {
 protected:
  KerasFile() {
    save_model(*small_model(), path_);
    members_ = read_zip(read_file(path_), "test");
  }
  ~KerasFile() override { std::filesystem::remove(path_); }

  void rewrite() { write_file(path_, write_zip(members_)); }
  void replace(const std::string& from, const std::string& to) {
    std::string& config = members_["config.json"];
    const auto at = config.find(from);
    ASSERT_NE(at, std::string::npos) << config;
    config.replace(at, from.size(), to);
    rewrite();
  }
  Hdf5Group weights() const {
    const std::string& bytes = members_.at("model.weights.h5");
    return read_hdf5(bytes.data(), bytes.size(), "test");
  }
  void set_weights(const Hdf5Group& root) {
    members_["model.weights.h5"] = write_hdf5(root);
    rewrite();
  }

  std::string path_ = testing::TempDir() + "keras_file_" +
                      testing::UnitTest::GetInstance()->current_test_info()->name() + ".keras";
  std::map<std::string, std::string> members_;
};

TEST_F(KerasFile, LoadingDrawsNoRandomNumbers) {
  const ModelPtr saved = load_model(path_, true);
  EXPECT_NE(saved->weights()[0].variable->value.data<float>()[0], 0.0f);
  set_global_seed(5);
  const std::uint32_t next = next_global_seed();
  set_global_seed(5);
  load_model(path_, true);
  EXPECT_EQ(next_global_seed(), next);
}

TEST_F(KerasFile, ComesBackWithOptimizerAndRandomState) {
  const ModelPtr model = small_model(), again = load_model(path_);
  ASSERT_TRUE(again->compiled);
  EXPECT_EQ(again->compiled->optimizer->variables().size(),
            model->compiled->optimizer->variables().size());
  EXPECT_FALSE(load_model(path_, false)->compiled);
}

TEST_F(KerasFile, UnknownClass) {
  replace("\"BatchNormalization\"", "\"BathNormalization\"");
  EXPECT_ERROR(load_model(path_), Code::kNotFound, "BathNormalization");
  EXPECT_ERROR(load_model(path_), Code::kNotFound, "'batch_normalization'");
  EXPECT_ERROR(load_model(path_), Code::kNotFound, path_);
}

TEST_F(KerasFile, UnknownAttribute) {
  replace("\"momentum\":", "\"momentun\":");
  EXPECT_ERROR(load_model(path_), Code::kInvalidArgument, "momentun");
}

TEST_F(KerasFile, WrongShape) {
  Hdf5Group root = weights();
  root.make("layers/dense/vars").datasets["0"] = Tensor(DType::kFloat32, {4, 7});
  set_weights(root);
  EXPECT_ERROR(load_model(path_), Code::kCorrupt, "layer 'dense'");
  EXPECT_ERROR(load_model(path_), Code::kCorrupt, "(4, 3), the file has (4, 7)");
}

TEST_F(KerasFile, MissingVariable) {
  Hdf5Group root = weights();
  root.make("layers/batch_normalization/vars").datasets.erase("3");
  set_weights(root);
  EXPECT_ERROR(load_model(path_), Code::kCorrupt, "'batch_normalization' has 4 variables");
}

TEST_F(KerasFile, WeightsOfAnotherModelChangeNothing) {
  const ModelPtr other = small_model(5);
  const std::uint64_t before = other->weights_hash();
  EXPECT_ERROR(load_weights(*other, path_), Code::kCorrupt, "layer 'dense'");
  EXPECT_EQ(other->weights_hash(), before);
}

TEST_F(KerasFile, MissingMembers) {
  for (const char* name : {"config.json", "model.weights.h5"}) {
    const auto all = members_;
    members_.erase(name);
    rewrite();
    EXPECT_ERROR(load_model(path_), Code::kCorrupt, name);
    members_ = all;
  }
}

TEST_F(KerasFile, NotJson) {
  for (const char* text : {"", "{", "3", "[]", "{\"class_name\": 1}", "null"}) {
    members_["config.json"] = text;
    rewrite();
    EXPECT_THROW(load_model(path_), Error) << text;
  }
}

TEST_F(KerasFile, HostileSizes) {
  replace("\"units\":3", "\"units\":4611686018427387904");
  EXPECT_ERROR(load_model(path_), Code::kInvalidArgument, "dense");
}

TEST_F(KerasFile, Truncated) {
  const std::string whole = read_file(path_);
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    std::ofstream(path_, std::ios::binary) << whole.substr(0, size);
    EXPECT_THROW(load_model(path_), Error) << size << " bytes";
  }
}

// Any one byte changed: an error or a model, never a crash. (Members carry checksums, so those of a
// rewritten archive are changed, too.)
TEST_F(KerasFile, DamagedBytes) {
  std::mt19937 random(1);
  int errors = 0;
  for (int i = 0; i < 400; ++i) {
    auto damaged = members_;
    std::string& member = damaged[i % 2 ? "config.json" : "model.weights.h5"];
    member[random() % member.size()] ^= static_cast<char>(1u << random() % 8);
    write_file(path_, write_zip(damaged));
    try {
      load_model(path_);
    } catch (const Error&) {
      ++errors;
    }
  }
  EXPECT_GT(errors, 50);
}

TEST_F(KerasFile, SavingToNowhereLeavesWhatWasThere) {
  const std::string before = read_file(path_);
  EXPECT_ERROR(save_model(*small_model(), "/no/such/folder/model.keras"), Code::kNotFound,
               "/no/such");
  EXPECT_ERROR(save_model(*small_model(), "model.h5"), Code::kInvalidArgument, "'.keras'");
  EXPECT_EQ(read_file(path_), before);
}

}  // namespace
}  // namespace keratin::io
