// Files that Keras 2 wrote.
#include <gmock/gmock.h>

#include <fstream>

#include "expect_error.h"
#include "io/keras_file.h"
#include "io/legacy_config.h"
#include "io/temporary.h"
#include "model/compile.h"
#include "training/trainer.h"

namespace keratin::io {
namespace {

std::string stored(const std::string& name) {
  return std::string(KERATIN_TEST_DATA) + "/legacy/" + name;
}

Json expected(const std::string& name) {
  std::ifstream in(stored("expected.json"));
  return Json::parse(in).at(name);
}

void expect_predicts(const ModelPtr& model, const Json& wanted) {
  const auto x = Tensor::of(wanted["shape"].get<Shape>(), wanted["x"].get<std::vector<float>>());
  const Tensor y = predict(model, {x})[0];
  const auto values = wanted["y"].get<std::vector<float>>();
  ASSERT_EQ(y.size(), std::int64_t(values.size()));
  for (std::int64_t i = 0; i < y.size(); ++i)
    EXPECT_NEAR(y.data<float>()[i], values[std::size_t(i)], 2e-5);
}

class Legacy : public testing::TestWithParam<const char*> {};

TEST_P(Legacy, WholeModel) {
  const Json wanted = expected(GetParam());
  const ModelPtr model = load_model(stored(std::string(GetParam()) + ".h5"));
  expect_predicts(model, wanted);

  ASSERT_TRUE(model->compiled);
  Dataset data;
  const Shape shape = wanted["shape"].get<Shape>();
  data.x = {Tensor::of(shape, wanted["x"].get<std::vector<float>>())};
  const auto targets = wanted["targets"].get<std::vector<float>>();
  data.y = {Tensor::of({shape[0], std::int64_t(targets.size()) / shape[0]}, targets)};
  const Logs logs = evaluate(model, data, EvaluateOptions{});
  for (const auto& [key, values] : logs)
    if (key == "loss") {
      EXPECT_NEAR(values[0], wanted["evaluate"].get<double>(), 1e-4);
    }
}

TEST_P(Legacy, Weights) {
  const ModelPtr model = load_model(stored(std::string(GetParam()) + ".h5"), false);
  EXPECT_FALSE(model->compiled);
  for (const Weight& weight : model->weights())
    for (float& value : weight.variable->value.span<float>()) value = 0;
  load_weights(*model, stored(std::string(GetParam()) + "_weights.h5"));
  expect_predicts(model, expected(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Files, Legacy, testing::Values("mlp", "residual"));

TEST(LegacyH5, WrongModelNamesLayer) {
  const ModelPtr model = load_model(stored("mlp.h5"));
  const std::uint64_t before = model->weights_hash();
  EXPECT_ERROR(load_weights(*model, stored("residual_weights.h5")), Code::kCorrupt,
               "layers with weights");
  EXPECT_ERROR(load_model(stored("mlp_weights.h5")), Code::kCorrupt, "not a whole model");
  EXPECT_EQ(model->weights_hash(), before);
}

TEST(LegacyConfig, CallsWithTensorsByKeyword) {
  const Json old = Json::parse(R"({"class_name": "Model", "config": {"layers": [
      {"class_name": "MultiHeadAttention", "config": {"name": "a"},
       "inbound_nodes": [[["q", 0, 0, {"value": ["v", 0, 0], "training": true}]]]}]}})");
  const Json call = upgrade_model(old)["config"]["layers"][0]["inbound_nodes"][0];
  EXPECT_EQ(call["args"][0]["config"]["keras_history"], Json::parse(R"(["q", 0, 0])"));
  EXPECT_EQ(call["kwargs"]["value"]["config"]["keras_history"], Json::parse(R"(["v", 0, 0])"));
  EXPECT_EQ(call["kwargs"]["training"], true);
}

}  // namespace
}  // namespace keratin::io
