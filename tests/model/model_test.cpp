#include "model/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"

namespace keratin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LayerPtr layer(const char* class_name, const Json& config = Json::object()) {
  return std::static_pointer_cast<Layer>(create("layers", class_name, config));
}

std::vector<float> predict(Model& model, std::int64_t batch, const std::vector<float>& x) {
  Workspace workspace(model.predict_plan(batch));
  workspace.set_input(0, x.data());
  workspace.run();
  const auto* data = static_cast<const float*>(workspace.output(0));
  return {data, data + element_count(workspace.plan().output_spec(0).shape)};
}

void fill(const Model& model, float value) {
  for (const Weight& weight : model.weights())
    for (float& element : weight.variable->value.span<float>()) element = value;
}

template <class Fn>
void expect_error(Code code, const std::string& text, Fn fn) {
  try {
    fn();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(Sequential, PredictsForAnyBatch) {
  const ModelPtr model =
      Model::sequential({make_input({2}).node->layer, layer("Dense", {{"units", 3}}),
                         layer("Dense", {{"units", 1}, {"activation", "relu"}})});
  fill(*model, 0.5f);
  EXPECT_THAT(predict(*model, 1, {1, 3}), ElementsAre(4.25f));
  EXPECT_THAT(predict(*model, 2, {1, 3, -9, 0}), ElementsAre(4.25f, 0));
  EXPECT_EQ(model->input_specs()[0].shape, (Shape{kUnknown, 2}));
  EXPECT_EQ(model->output_specs()[0].shape, (Shape{kUnknown, 1}));
  EXPECT_EQ(model->count_params(), 13);
}

TEST(Sequential, IsBuiltByItsFirstInput) {
  const ModelPtr model = Model::sequential({layer("Dense", {{"units", 3}})});
  expect_error(Code::kState, "not built", [&] { model->input_specs(); });
  model->build_for({DType::kFloat32, {kUnknown, 4}});
  EXPECT_EQ(model->count_params(), 15);
  expect_error(Code::kInvalidArgument, "(None, 4)", [&] {
    model->build_for({DType::kFloat32, {7, 5}});
  });
}

TEST(Sequential, GrowsUntilItIsWrong) {
  const ModelPtr model = Model::sequential({});
  model->add(make_input({4}).node->layer);
  model->add(layer("Dense", {{"units", 3}, {"name", "first"}}));
  expect_error(Code::kInvalidArgument, "'first'", [&] {
    model->add(layer("Dense", {{"units", 3}, {"name", "first"}}));
  });
  expect_error(Code::kInvalidArgument, "'bad'", [&] {
    model->add(layer("Reshape", {{"target_shape", {7}}, {"name", "bad"}}));
  });
  EXPECT_EQ(model->layers().size(), 1u);
  model->add(layer("Dense", {{"units", 1}}));
  EXPECT_EQ(model->output_specs()[0].shape, (Shape{kUnknown, 1}));
}

TEST(Functional, SharesLayersAndHasSeveralEnds) {
  const KerasTensor a = make_input({2}, DType::kFloat32, "a"),
                    b = make_input({2}, DType::kFloat32, "b");
  const LayerPtr dense = layer("Dense", {{"units", 2}, {"name", "dense"}});
  const KerasTensor u = call_layer(dense, {a})[0], v = call_layer(dense, {b})[0];
  const KerasTensor sum = call_layer(layer("Add", {{"name", "sum"}}), {u, v})[0];
  const ModelPtr model = Model::functional({a, b}, {sum, u});
  EXPECT_EQ(model->count_params(), 6);
  EXPECT_THAT(model->input_names(), ElementsAre("a", "b"));
  EXPECT_THAT(model->output_names(), ElementsAre("sum", "dense"));
  fill(*model, 1);
  Workspace workspace(model->predict_plan(1));
  const std::vector<float> x{1, 2}, y{10, 20};
  workspace.set_input(0, x.data());
  workspace.set_input(1, y.data());
  workspace.run();
  EXPECT_EQ(static_cast<const float*>(workspace.output(0))[1], 35);
  EXPECT_EQ(static_cast<const float*>(workspace.output(1))[1], 4);
}

TEST(Functional, RefusesWhatIsNotConnected) {
  const KerasTensor a = make_input({2}, DType::kFloat32, "a"),
                    b = make_input({2}, DType::kFloat32, "b");
  const KerasTensor sum = call_layer(layer("Add"), {a, b})[0];
  expect_error(Code::kInvalidArgument, "'b'", [&] { Model::functional({a}, {sum}); });
  expect_error(Code::kInvalidArgument, "twice", [&] { Model::functional({a, a, b}, {sum}); });
  expect_error(Code::kUnsupported, "Input", [&] { Model::functional({sum}, {sum}); });
  expect_error(Code::kInvalidArgument, "output", [&] { Model::functional({a}, {}); });
}

TEST(Functional, NamesAreUnique) {
  const KerasTensor a = make_input({2});
  const KerasTensor u = call_layer(layer("Dense", {{"units", 2}, {"name", "twin"}}), {a})[0];
  const KerasTensor v = call_layer(layer("Dense", {{"units", 2}, {"name", "twin"}}), {u})[0];
  expect_error(Code::kInvalidArgument, "'twin'", [&] { Model::functional({a}, {v}); });
}

TEST(Functional, DeepNetworksDoNotNeedADeepStack) {
  KerasTensor x = make_input({1});
  const KerasTensor input = x;
  const LayerPtr shared = layer("Activation", {{"activation", "relu"}});
  for (int i = 0; i < 20000; ++i) x = call_layer(shared, {x})[0];
  EXPECT_EQ(Model::functional({input}, {x})->nodes().size(), 20001u);
}

TEST(Model, CallsNameTheLayerThatFails) {
  const KerasTensor a = make_input({2}), b = make_input({3});
  expect_error(Code::kInvalidArgument, "layer 'clash' (Multiply)", [&] {
    call_layer(layer("Multiply", {{"name", "clash"}}), {a, b});
  });
}

TEST(Model, FindsLayersByName) {
  const ModelPtr model = Model::sequential(
      {make_input({2}).node->layer, layer("Dense", {{"units", 2}, {"name", "d"}})});
  EXPECT_EQ(model->get_layer("d"), model->layers()[0]);
  expect_error(Code::kNotFound, "it has d", [&] { model->get_layer("e"); });
}

TEST(Model, FreezesWhatIsInside) {
  const ModelPtr inner =
      Model::sequential({make_input({2}).node->layer, layer("Dense", {{"units", 2}})});
  const ModelPtr outer =
      Model::sequential({make_input({2}).node->layer, inner, layer("Dense", {{"units", 2}})});
  EXPECT_EQ(outer->trainable_weights().size(), 4u);
  inner->set_trainable(false);
  EXPECT_FALSE(inner->layers()[0]->trainable);
  EXPECT_EQ(outer->trainable_weights().size(), 2u);
  EXPECT_EQ(outer->weights().size(), 4u);
}

TEST(Model, HashTellsWeightsApart) {
  const auto make = [] {
    return Model::sequential({make_input({2}).node->layer,
                              layer("Dense", {{"units", 2}, {"kernel_initializer", "ones"}})});
  };
  const ModelPtr a = make(), b = make();
  EXPECT_EQ(a->weights_hash(), b->weights_hash());
  b->weights()[0].variable->value.data<float>()[3] += 1e-6f;
  EXPECT_NE(a->weights_hash(), b->weights_hash());
}

TEST(Model, ManyBatchSizesDoNotPileUp) {
  const ModelPtr model =
      Model::sequential({make_input({2}).node->layer, layer("Dense", {{"units", 1}})});
  fill(*model, 1);
  for (std::int64_t batch = 1; batch < 60; ++batch)
    EXPECT_EQ(
        predict(*model, batch, std::vector<float>(static_cast<std::size_t>(2 * batch), 1)).back(),
        3);
}

TEST(Summary, ShowsLayersShapesAndCounts) {
  const ModelPtr model = Model::sequential(
      {make_input({8}).node->layer, layer("Dense", {{"units", 1000}, {"name", "wide"}}),
       layer("BatchNormalization", {{"name", "norm"}})},
      "net");
  EXPECT_EQ(model->summary(60),
            "Model: \"net\"\n"
            "┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓\n"
            "┃ Layer (type)             ┃ Output Shape      ┃   Param # ┃\n"
            "┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩\n"
            "│ wide (Dense)             │ (None, 1000)      │     9,000 │\n"
            "├──────────────────────────┼───────────────────┼───────────┤\n"
            "│ norm                     │ (None, 1000)      │     4,000 │\n"
            "│ (BatchNormalization)     │                   │           │\n"
            "└──────────────────────────┴───────────────────┴───────────┘\n"
            " Total params: 13,000 (50.78 KB)\n"
            " Trainable params: 11,000 (42.97 KB)\n"
            " Non-trainable params: 2,000 (7.81 KB)\n");
}

TEST(Summary, LayersThatHaveNothingToBuildAreBuiltAsInKeras) {
  const std::string text =
      Model::sequential({layer("Dense", {{"units", 3}}), layer("Dropout", {{"rate", 0.1}})})
          ->summary(80);
  const std::size_t dropout = text.find("(Dropout)");
  EXPECT_LT(text.find("0 (unbuilt)"), dropout);
  EXPECT_EQ(text.find("unbuilt", dropout), std::string::npos);
}

TEST(Summary, ShowsConnectionsWhereThereIsMoreThanAChain) {
  const KerasTensor x = make_input({2}, DType::kFloat32, "x");
  const KerasTensor y = call_layer(layer("Add", {{"name", "twice"}}), {x, x})[0];
  EXPECT_THAT(Model::functional({x}, {y})->summary(100), HasSubstr("x[0][0], x[0][0]"));
  expect_error(Code::kInvalidArgument, "40", [&] { Model::functional({x}, {y})->summary(3); });
}

}  // namespace
}  // namespace keratin
