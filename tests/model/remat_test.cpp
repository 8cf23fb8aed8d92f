// Gradient checkpointing: the same training with less memory.
#include "nn/layers/remat.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/random.h"
#include "graph/plan.h"
#include "training/support.h"

namespace keratin {
namespace {

class Scope {
 public:
  explicit Scope(Remat remat) { set_remat(std::move(remat)); }
  ~Scope() { set_remat({}); }
};

LayerPtr layer(const char* class_name, const Json& config = Json::object()) {
  return std::static_pointer_cast<Layer>(create("layers", class_name, config));
}

// Blocks of layers, each a model of its own, with random numbers and statistics in them.
ModelPtr make_model(const char* activation = "mish") {
  set_global_seed(3);
  reset_names();
  std::vector<LayerPtr> layers{make_input({32}).node->layer};
  for (int i = 0; i < 4; ++i)
    layers.push_back(
        Model::sequential({make_input({i == 0 ? 32 : 64}).node->layer,
                           layer("Dense", {{"units", 64}, {"activation", activation}}),
                           layer("BatchNormalization"), layer("Dropout", {{"rate", 0.3}}),
                           layer("Dense", {{"units", 64}, {"activation", activation}})},
                          "block" + std::to_string(i)));
  layers.push_back(layer("Dense", {{"units", 1}, {"activation", "sigmoid"}}));
  const ModelPtr model = Model::sequential(layers, "net");
  compile(model, testing::compile_config());
  return model;
}

struct Trained {
  std::vector<Tensor> weights;
  std::size_t live_bytes, steps;
};

Trained train(const Remat& remat, const char* activation = "mish") {
  const Scope scope(remat);
  const ModelPtr model = make_model(activation);
  FitOptions options;
  options.epochs = 2;
  fit(model, testing::binary_data(96, 32), options);
  const Spec x{DType::kFloat32, {kUnknown, 32}}, y{DType::kFloat32, {kUnknown, 1}};
  const StepGraph step = make_step(*model, {x}, {y}, {}, true);
  const Plan plan(*step.graph, 256, Plan::Variables::kShared, 1);
  Trained result{{}, plan.live_bytes(), plan.step_count()};
  for (const Weight& weight : model->weights())
    result.weights.push_back(weight.variable->value.clone());
  return result;
}

void expect_same(const Trained& a, const Trained& b) {
  ASSERT_EQ(a.weights.size(), b.weights.size());
  for (std::size_t i = 0; i < a.weights.size(); ++i)
    testing::expect_near(a.weights[i], b.weights[i], "weight " + std::to_string(i), 1e-6);
}

TEST(Remat, TrainsTheSameInLessMemory) {
  const Trained plain = train({});
  const Trained full = train({Remat::Mode::kFull, 0, {}});
  expect_same(full, plain);
  EXPECT_LT(full.live_bytes, plain.live_bytes * 6 / 10);
  EXPECT_GT(full.steps, plain.steps);

  const Trained two = train({Remat::Mode::kListOfLayers, 0, {"block1", "block2"}});
  expect_same(two, plain);
  EXPECT_LT(two.live_bytes, plain.live_bytes);
  EXPECT_LT(two.steps, full.steps);

  const Trained large = train({Remat::Mode::kLargerThan, 63, {}});
  EXPECT_EQ(large.live_bytes, full.live_bytes);
  expect_same(large, plain);
  const Trained none_so_large = train({Remat::Mode::kLargerThan, 64, {}});
  EXPECT_EQ(none_so_large.steps, plain.steps);

  const Trained activations = train({Remat::Mode::kActivations, 0, {}});
  expect_same(activations, plain);
  EXPECT_LT(activations.live_bytes, plain.live_bytes);
}

TEST(Remat, IsTakenOverWhenALayerIsMade) {
  std::size_t plain = train({}).steps;
  const ModelPtr model = make_model();
  const Scope scope({Remat::Mode::kFull, 0, {}});
  const StepGraph step = [&] {
    fit(model, testing::binary_data(32, 32), {});
    const Spec x{DType::kFloat32, {kUnknown, 32}}, y{DType::kFloat32, {kUnknown, 1}};
    return make_step(*model, {x}, {y}, {}, true);
  }();
  EXPECT_EQ(Plan(*step.graph, 256).step_count(), plain);
}

TEST(Remat, RefusesOtherModes) {
  EXPECT_EQ(remat_mode("larger_than"), Remat::Mode::kLargerThan);
  testing::expect_error([] { remat_mode("half"); }, Code::kInvalidArgument, {"remat", "'half'"});
}

}  // namespace
}  // namespace keratin
