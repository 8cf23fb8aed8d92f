// Models as the real Keras configures them (data/models.json, made by make_models.py): read, in
// Keras' order, and written back as they came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "model/model.h"

namespace keratin {
namespace {

Json load_cases() {
  std::ifstream in(KERATIN_TEST_DATA "/models.json");
  std::stringstream text;
  text << in.rdbuf();
  return parse_json(text.str(), "models.json");
}

const Json& cases() {
  static const Json all = load_cases();
  return all;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  const Json all = load_cases();
  for (const auto& [name, value] : all.items()) names.push_back(name);
  return names;
}

// Numbers as Keras and we write them may differ in form (0 and 0.0), never in value; members in any
// order.
void expect_same(const Json& got, const Json& wanted, const std::string& where) {
  if (wanted.is_object()) {
    ASSERT_TRUE(got.is_object()) << where;
    for (const auto& [key, value] : wanted.items()) {
      if (!got.contains(key) && value.is_null()) continue;
      // A call's mask is null and means nothing.
      if (key == "mask") continue;
      ASSERT_TRUE(got.contains(key)) << where << "." << key;
      expect_same(got[key], value, where + "." + key);
    }
    for (const auto& [key, value] : got.items())
      EXPECT_TRUE(wanted.contains(key)) << where << "." << key;
  } else if (wanted.is_array()) {
    ASSERT_TRUE(got.is_array()) << where;
    ASSERT_EQ(got.size(), wanted.size()) << where;
    for (std::size_t i = 0; i < got.size(); ++i)
      expect_same(got[i], wanted[i], concat(where, "[", i, "]"));
  } else if (wanted.is_number()) {
    ASSERT_TRUE(got.is_number()) << where;
    EXPECT_DOUBLE_EQ(got.get<double>(), wanted.get<double>()) << where;
  } else {
    EXPECT_EQ(got, wanted) << where;
  }
}

Json shapes(const std::vector<Weight>& weights) {
  Json all = Json::array();
  for (const Weight& weight : weights) all.push_back(weight.variable->value.shape());
  return all;
}

class KerasModel : public testing::TestWithParam<std::string> {};

TEST_P(KerasModel, IsReadInKerasOrderAndWrittenBack) {
  const Json& wanted = cases()[GetParam()];
  const ModelPtr model = Model::from_json(wanted["json"]);
  Json names = Json::array();
  for (const LayerPtr& layer : model->layers()) names.push_back(layer->name);
  EXPECT_EQ(names, wanted["layers"]);
  EXPECT_EQ(shapes(model->weights()), wanted["weights"]);
  EXPECT_EQ(shapes(model->trainable_weights()), wanted["trainable"]);
  EXPECT_EQ(model->count_params(), wanted["params"].get<std::int64_t>());
  expect_same(model->to_json(), wanted["json"], "json");
}

INSTANTIATE_TEST_SUITE_P(All, KerasModel, testing::ValuesIn(case_names()),
                         [](const auto& info) { return info.param; });

// Expects an error of that code whose message has each of the texts.
void expect_refused(const Json& json, Code code, std::vector<std::string> texts) {
  try {
    Model::from_json(json);
    FAIL() << "read without an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    for (const std::string& text : texts) EXPECT_THAT(error.what(), testing::HasSubstr(text));
  }
}

TEST(ModelJson, UnknownClassNamesTheLayer) {
  Json json = cases()["residual"]["json"];
  json["config"]["layers"][1]["class_name"] = "Quantum";
  expect_refused(json, Code::kNotFound, {"'dense'", "'Quantum'"});
  json = cases()["chain"]["json"];
  json["config"]["layers"][1]["class_name"] = "Quantum";
  expect_refused(json, Code::kNotFound, {"'dense'", "'Quantum'"});
}

TEST(ModelJson, BadAttributeNamesLayerAndAttribute) {
  Json json = cases()["chain"]["json"];
  json["config"]["layers"][1]["config"]["units"] = -3;
  expect_refused(json, Code::kInvalidArgument, {"'dense'", "units", "-3"});
}

TEST(ModelJson, LoopsAreRefused) {
  Json json = cases()["residual"]["json"];
  // The first Dense reads the second's result.
  json["config"]["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = {
      "dense_1", 0, 0};
  expect_refused(json, Code::kInvalidArgument, {"loop"});
}

TEST(ModelJson, UnknownOperandsAreRefused) {
  Json json = cases()["residual"]["json"];
  json["config"]["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = {"nobody",
                                                                                           0, 0};
  expect_refused(json, Code::kInvalidArgument, {"'nobody'"});
  json = cases()["residual"]["json"];
  json["config"]["output_layers"] = {"dense_2", 0, 7};
  expect_refused(json, Code::kInvalidArgument, {"'dense_2'", "7"});
}

TEST(ModelJson, UnknownArgumentsOfCallsAreRefused) {
  Json json = cases()["training_argument"]["json"];
  json["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {{"masks", true}};
  expect_refused(json, Code::kInvalidArgument, {"'batch_normalization'", "'masks'"});
}

TEST(ModelJson, WrongShapesAreRefused) {
  Json json = cases()["residual"]["json"];
  json["config"]["layers"][2]["config"]["units"] = 5;  // added to x of 6
  expect_refused(json, Code::kInvalidArgument, {"'add'", "(None, 5)", "(None, 6)"});
}

TEST(ModelJson, AnythingElseIsRefused) {
  for (const char* text : {"3", "null", "[]", "{}", "{\"class_name\": \"Sequential\"}",
                           "{\"class_name\": \"Sequential\", \"config\": {\"layers\": 3}}",
                           "{\"class_name\": \"Functional\", \"config\": {\"layers\": []}}",
                           "{\"class_name\": \"Functional\", \"config\": {\"layers\": [3]}}",
                           "{\"class_name\": \"Dense\", \"config\": {\"units\": 3}}"})
    EXPECT_THROW(Model::from_json(parse_json(text, "test")), Error) << text;
}

}  // namespace
}  // namespace keratin
