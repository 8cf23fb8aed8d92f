// Configurations both ways, against those that Keras writes (make_configs.py).
#include <gmock/gmock.h>

#include "nn/harness.h"

namespace keratin {
namespace {

using test::message_of;
using testing::HasSubstr;

TEST(Configs, AreWrittenAsKerasWritesThem) {
  const Json cases = test::stored("nn_configs.json");
  ASSERT_GT(cases.size(), 70u);
  for (const Json& c : cases) {
    SCOPED_TRACE(c.dump());
    reset_names();
    const auto object =
        create(c["kind"].get<std::string>(), c["name"].get<std::string>(), c["arguments"]);
    Json expected = c["form"];
    // Keras forgets the gain of Identity.
    if (c["name"] == "Identity") expected["config"] = c["arguments"];
    const Json written = serialize(object.get());
    EXPECT_EQ(written, expected) << "written: " << written.dump();
    // The order of keys is Keras', too.
    std::vector<std::string> keys, expected_keys;
    for (const auto& item : written["config"].items()) keys.push_back(item.key());
    for (const auto& item : expected["config"].items()) expected_keys.push_back(item.key());
    EXPECT_EQ(keys, expected_keys);
  }
}

TEST(Configs, AreReadBack) {
  for (const Json& c : test::stored("nn_configs.json")) {
    SCOPED_TRACE(c.dump());
    const auto object = deserialize(c["kind"].get<std::string>(), c["form"]);
    EXPECT_EQ(config_of(*object), c["form"]["config"]);
  }
}

TEST(Configs, TheInventoryIsComplete) {
  std::map<std::string, int> kinds;
  for (const ClassInfo* info : list_classes()) ++kinds[info->kind];
  EXPECT_EQ(kinds["activations"], 30);
  EXPECT_EQ(kinds["initializers"], 16);
  EXPECT_EQ(kinds["regularizers"], 4);
  EXPECT_EQ(kinds["constraints"], 4);
  EXPECT_GE(kinds["layers"], 14);
}

TEST(Configs, GoByKerasOtherNames) {
  const std::vector<std::array<const char*, 3>> names = {
      {"initializers", "glorot_uniform", "GlorotUniform"},
      {"initializers", "he_normal", "HeNormal"},
      {"initializers", "normal", "RandomNormal"},
      {"initializers", "uniform", "RandomUniform"},
      {"initializers", "one", "Ones"},
      {"initializers", "zero", "Zeros"},
      {"initializers", "IdentityInitializer", "Identity"},
      {"initializers", "OrthogonalInitializer", "Orthogonal"},
      {"initializers", "STFTInitializer", "STFT"},
      {"regularizers", "l1", "L1"},
      {"regularizers", "l2", "L2"},
      {"regularizers", "l1_l2", "L1L2"},
      {"regularizers", "orthogonal_regularizer", "OrthogonalRegularizer"},
      {"constraints", "max_norm", "MaxNorm"},
      {"constraints", "non_neg", "NonNeg"},
      {"constraints", "unit_norm", "UnitNorm"},
      {"constraints", "min_max_norm", "MinMaxNorm"},
      {"activations", "swish", "silu"},
      {"activations", "hard_swish", "hard_silu"},
  };
  for (const auto& [kind, name, expected] : names) {
    const ClassInfo* info = find_class(kind, name);
    ASSERT_NE(info, nullptr) << name;
    EXPECT_EQ(info->name, expected);
  }
}

TEST(Configs, ErrorsNameClassAndAttribute) {
  const auto error = [](const char* kind, const char* name, const char* config) {
    return message_of(Code::kInvalidArgument,
                      [&] { create(kind, name, parse_json(config, "config")); });
  };
  EXPECT_THAT(error("layers", "Dense", "{}"), HasSubstr("Dense: the attribute 'units'"));
  EXPECT_THAT(error("layers", "Dense", R"({"units": 0})"), HasSubstr("Dense.units"));
  EXPECT_THAT(error("layers", "Dense", R"({"units": "many"})"), HasSubstr("Dense.units"));
  EXPECT_THAT(error("layers", "Dense", R"({"units": 2, "width": 3})"), HasSubstr("'width'"));
  EXPECT_THAT(error("layers", "Dense", R"({"units": 2, "use_bias": 1})"),
              HasSubstr("Dense.use_bias"));
  EXPECT_THAT(error("layers", "Dropout", R"({"rate": 1.5})"), HasSubstr("Dropout.rate"));
  EXPECT_THAT(error("layers", "Dropout", R"({"rate": 0.5, "seed": "x"})"),
              HasSubstr("Dropout.seed"));
  EXPECT_THAT(error("layers", "Dropout", R"({"rate": 0.5, "noise_shape": [0]})"),
              HasSubstr("noise_shape"));
  EXPECT_THAT(error("layers", "Reshape", R"({"target_shape": [-1, -1]})"),
              HasSubstr("target_shape"));
  EXPECT_THAT(error("layers", "Reshape", R"({"target_shape": [-2]})"), HasSubstr("target_shape"));
  EXPECT_THAT(error("layers", "Flatten", R"({"data_format": "last"})"),
              HasSubstr("Flatten.data_format"));
  EXPECT_THAT(error("layers", "Normalization", R"({"mean": 1})"), HasSubstr("variance"));
  EXPECT_THAT(error("layers", "Normalization", R"({"mean": [1], "variance": 2})"),
              HasSubstr("equal"));
  EXPECT_THAT(error("layers", "Normalization", R"({"mean": [[1]], "variance": [[2]]})"),
              HasSubstr("rank"));
  EXPECT_THAT(error("layers", "Rescaling", R"({"scale": [[1, 2], [3]]})"),
              HasSubstr("Rescaling.scale"));
  EXPECT_THAT(error("layers", "Rescaling", R"({"scale": "half"})"), HasSubstr("Rescaling.scale"));
  EXPECT_THAT(
      error("layers", "BatchNormalization", R"({"renorm": true, "renorm_clipping": {"max": 1}})"),
      HasSubstr("renorm_clipping"));
  EXPECT_THAT(error("layers", "LayerNormalization", R"({"axis": "last"})"),
              HasSubstr("LayerNormalization.axis"));
  EXPECT_THAT(error("layers", "InputLayer", "{}"), HasSubstr("batch_shape"));
  EXPECT_THAT(error("layers", "InputLayer", R"({"shape": [1], "batch_shape": [1, 1]})"),
              HasSubstr("not both"));
  EXPECT_THAT(error("layers", "InputLayer", R"({"shape": [-1]})"), HasSubstr("-1"));
  EXPECT_THAT(error("layers", "InputLayer", R"({"shape": [1], "dtype": "int3"})"),
              HasSubstr("int3"));
  EXPECT_THAT(error("layers", "Add", R"({"name": "a/b"})"), HasSubstr("a/b"));
  EXPECT_THAT(error("layers", "Add", R"({"dtype": 32})"), HasSubstr("dtype"));
  EXPECT_THAT(error("initializers", "VarianceScaling", R"({"mode": "fan"})"),
              HasSubstr("VarianceScaling.mode"));
  EXPECT_THAT(error("initializers", "VarianceScaling", R"({"scale": 0})"),
              HasSubstr("VarianceScaling.scale"));
  EXPECT_THAT(error("initializers", "STFT", R"({"window": 3})"), HasSubstr("STFT.window"));
  EXPECT_THAT(error("initializers", "STFT", R"({"side": "both"})"), HasSubstr("STFT.side"));
  EXPECT_THAT(error("regularizers", "L2", R"({"l2": -1})"), HasSubstr("L2.l2"));
  EXPECT_THAT(error("regularizers", "OrthogonalRegularizer", R"({"mode": "all"})"),
              HasSubstr("OrthogonalRegularizer.mode"));
  EXPECT_THAT(error("constraints", "MaxNorm", R"({"axis": 0.5})"), HasSubstr("MaxNorm.axis"));
  EXPECT_THAT(error("constraints", "MinMaxNorm", R"({"min_value": 2})"), HasSubstr("min_value"));
  EXPECT_THAT(error("activations", "threshold", R"({"threshold": 2})"), HasSubstr("default_value"));
  EXPECT_THAT(error("activations", "celu", R"({"alpha": 0})"), HasSubstr("alpha"));
}

TEST(Configs, WhatIsNotSupportedSaysSo) {
  const auto error = [](const char* name, const char* config) {
    return message_of(Code::kUnsupported,
                      [&] { create("layers", name, parse_json(config, "config")); });
  };
  for (const char* policy : {"mixed_float16", "float16", "bfloat16"})
    EXPECT_THAT(
        error("Dense", concat(R"({"units": 2, "name": "d", "dtype": ")", policy, "\"}").c_str()),
        testing::AllOf(HasSubstr("'d'"), HasSubstr(policy)));
  EXPECT_THAT(error("Dense", R"({"units": 2, "name": "d", "lora_rank": 2})"),
              testing::AllOf(HasSubstr("'d'"), HasSubstr("lora_rank")));
  EXPECT_THAT(error("Dense", R"({"units": 2, "name": "d", "quantization_config": {"a": 1}})"),
              HasSubstr("quantization_config"));
  EXPECT_THAT(error("BatchNormalization", R"({"name": "b", "synchronized": true})"),
              testing::AllOf(HasSubstr("'b'"), HasSubstr("synchronized")));
  EXPECT_THAT(error("InputLayer", R"({"shape": [2], "sparse": true})"), HasSubstr("sparse"));
}

}  // namespace
}  // namespace keratin
