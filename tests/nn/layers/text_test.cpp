// Layers of text against Keras' own outputs, and their state in files.
#include <gmock/gmock.h>

#include "model/model.h"
#include "nn/harness.h"
#include "training/trainer.h"

namespace keratin::test {
namespace {

using testing::HasSubstr;

// A list nested to any depth, as a tensor.
void flatten(const Json& json, std::size_t depth, Shape& shape, std::vector<Json>& leaves) {
  if (!json.is_array()) return leaves.push_back(json);
  if (shape.size() == depth) shape.push_back(std::int64_t(json.size()));
  for (const Json& item : json) flatten(item, depth + 1, shape, leaves);
}

Tensor nested(const Json& json, const std::string& dtype) {
  Shape shape;
  std::vector<Json> leaves;
  flatten(json, 0, shape, leaves);
  if (dtype == "string") {
    std::vector<std::string> text;
    for (const Json& leaf : leaves) text.push_back(leaf.get<std::string>());
    return Tensor::of_strings(shape, {text.begin(), text.end()});
  }
  std::vector<double> numbers;
  for (const Json& leaf : leaves) numbers.push_back(leaf.get<double>());
  return Tensor::of(shape, numbers).as(dtype_named(dtype));
}

class Text : public testing::TestWithParam<int> {};

TEST_P(Text, EqualsKeras) {
  const Json c = stored("nn_text.json")[std::size_t(GetParam())];
  SCOPED_TRACE(c.dump());
  const auto layer = make<Layer>(c["class"].get<std::string>(), c["config"]);
  std::vector<Tensor> inputs;
  for (const Json& x : c["inputs"]) inputs.push_back(nested(x, c["dtype"].get<std::string>()));
  if (c["adapt"].get<bool>()) layer->adapt(inputs[0]);

  std::vector<KerasTensor> symbols;
  for (const Tensor& x : inputs)
    symbols.push_back(make_input(Shape(x.shape().begin() + 1, x.shape().end()), x.dtype()));
  const ModelPtr model = Model::functional(symbols, call_layer(layer, symbols));
  const Tensor got = predict(model, inputs, 2)[0];

  const std::string kind = c["kind"].get<std::string>();
  const Tensor expected = nested(c["output"], kind == "float" ? "float32"
                                              : kind == "int" ? "int64"
                                                              : "string");
  ASSERT_EQ(got.shape(), expected.shape());
  if (kind != "string") return expect_near(got, expected, 1e-6);
  ASSERT_EQ(got.dtype(), DType::kString);
  for (std::int64_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(got.data<String>()[i].view(), expected.data<String>()[i].view());
}
INSTANTIATE_TEST_SUITE_P(Cases, Text, testing::Range(0, int(stored("nn_text.json").size())));

TEST(IndexLookup, KeepsItsVocabularyInAssets) {
  const auto data = nested(Json::parse(R"([["b", "a"], ["b", ""]])"), "string");
  for (const char* mode : {"int", "tf_idf"}) {
    const Json config{{"output_mode", mode}, {"mask_token", "m"}};
    const auto learned = make<Layer>("StringLookup", config);
    learned->adapt(data);
    const auto files = learned->assets();
    ASSERT_TRUE(files.contains("vocabulary.txt"));
    const auto loaded = make<Layer>("StringLookup", config_of(*learned));
    loaded->load_assets(files);
    EXPECT_EQ(loaded->assets(), files);
    EXPECT_EQ(loaded->named_state().size(), learned->named_state().size());
  }
}

TEST(IndexLookup, Errors) {
  EXPECT_THAT(message_of(Code::kInvalidArgument,
                         [] {
                           make<Layer>("StringLookup", {{"vocabulary", {"a", "a"}}});
                         }),
              HasSubstr("the token 'a' stands there twice"));
  EXPECT_THAT(message_of(Code::kInvalidArgument,
                         [] {
                           make<Layer>("IntegerLookup", {{"vocabulary", {"a"}}});
                         }),
              HasSubstr("expected an integer, got \"a\""));
  EXPECT_THAT(message_of(Code::kUnsupported,
                         [] {
                           make<Layer>("StringLookup", {{"vocabulary", "/etc/passwd"}});
                         }),
              HasSubstr("/etc/passwd"));
  const auto given = make<Layer>("StringLookup", {{"vocabulary", {"a"}}});
  EXPECT_THAT(
      message_of(Code::kState, [&] { given->adapt(nested(Json::parse(R"([["b"]])"), "string")); }),
      HasSubstr("the vocabulary is given"));
  const auto closed = make<Layer>("StringLookup", {{"vocabulary", {"a"}}, {"num_oov_indices", 0}});
  const KerasTensor input = make_input({1}, DType::kString);
  const ModelPtr model = Model::functional({input}, call_layer(closed, {input}));
  EXPECT_THAT(message_of(Code::kInvalidArgument,
                         [&] { predict(model, {nested(Json::parse(R"([["b"]])"), "string")}, 1); }),
              HasSubstr("the token 'b' is not in the vocabulary"));
  EXPECT_THAT(message_of(Code::kInvalidArgument,
                         [&] {
                           predict(model, {Tensor(DType::kInt64, {1, 1})}, 1);
                         }),
              HasSubstr("string"));
}

}  // namespace
}  // namespace keratin::test
