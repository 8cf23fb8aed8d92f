#include "training/ahead.h"

#include "training/support.h"

namespace keratin {
namespace {

using testing::expect_near;

// Text of any length, to the mean of what its words stand for.
ModelPtr text_model(bool averaged) {
  const auto layer = [](const char* cls, const Json& config) {
    return std::static_pointer_cast<Layer>(create("layers", cls, config));
  };
  std::vector<LayerPtr> layers{make_input({1}, DType::kString).node->layer,
                               layer("TextVectorization", {{"vocabulary", {"a", "b", "c"}}})};
  if (averaged) {
    layers.push_back(layer("Embedding", {{"input_dim", 5}, {"output_dim", 3}}));
    layers.push_back(layer("GlobalAveragePooling1D", Json::object()));
    layers.push_back(layer("Dense", {{"units", 1}}));
  }
  return Model::sequential(layers);
}

Tensor lines() { return Tensor::of_strings({5, 1}, {"a b c a b", "c", "a x", "b b b", "a"}); }

TEST(Ahead, EachBatchIsAsWideAsItsLongestText) {
  const ModelPtr model = text_model(true);
  const Tensor x = lines(), in_pairs = predict(model, {x}, 2)[0];
  for (std::int64_t at = 0; at < 5; at += 2) {
    const std::int64_t end = std::min<std::int64_t>(at + 2, 5);
    expect_near(in_pairs.rows(at, end), predict_on_batch(model, {x.rows(at, end)})[0], "batch");
  }
  EXPECT_NE(in_pairs.data<float>()[2], predict(model, {x}, 5)[0].data<float>()[2]);
}

TEST(Ahead, BatchesOfDifferentWidthsAreNoOneArray) {
  const ModelPtr model = text_model(false);
  EXPECT_EQ(predict(model, {lines()}, 5)[0].shape(), (Shape{5, 5}));
  EXPECT_THROW(predict(model, {lines()}, 2), Error);
}

TEST(Ahead, TrainsAndEvaluates) {
  const ModelPtr model = text_model(true);
  compile(model, {{"optimizer", "sgd"}, {"loss", "mse"}});
  const Dataset data{{lines()}, {Tensor::of<float>({5, 1}, {1, 2, 3, 4, 5})}, {}};
  FitOptions options;
  options.batch_size = 2;
  options.epochs = 20;
  options.validation_data = data.part(0, 3);
  const auto losses = fit(model, data, options).values.front().second;
  EXPECT_LT(losses.back()[0], losses.front()[0]);
  const Logs whole = evaluate(model, data, {});
  EXPECT_EQ(whole[0].second, test_on_batch(model, data)[0].second);
}

TEST(Ahead, TextThatIsUsedTwiceIsAnError) {
  const KerasTensor x = make_input({1}, DType::kString);
  std::vector<KerasTensor> outputs;
  for (int i = 0; i < 2; ++i)
    outputs.push_back(call_layer(std::static_pointer_cast<Layer>(create(
                                     "layers", "TextVectorization", {{"vocabulary", {"a", "b"}}})),
                                 {x})[0]);
  EXPECT_FALSE(works_ahead(*Model::functional({x}, outputs)));
  EXPECT_THROW(predict(Model::functional({x}, outputs), {lines()}), Error);
}

}  // namespace
}  // namespace keratin
