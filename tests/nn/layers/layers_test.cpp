// Layers against the numbers and configurations of the real Keras (make_layers_image.py).
#include <filesystem>

#include "nn/harness.h"

namespace keratin {
namespace {

struct Play {
  std::vector<Tensor> outputs;  // the layer's
  double penalty = 0;
  std::vector<Tensor> d_inputs, d_weights;
  std::vector<Tensor> after;  // weights that the call assigns, as they stand then
};

Tensor scaled_cosines(const Tensor& like) {
  Tensor weights(DType::kFloat32, like.shape());
  for (std::int64_t i = 0; i < weights.size(); ++i) weights.data<float>()[i] = std::cos(float(i));
  return weights;
}

// Runs the layer, and the gradients of the cosine sum of its outputs and its losses.
Play play(Layer& layer, const std::vector<Tensor>& inputs, bool training, bool with_gradients) {
  Play result;
  std::vector<Tensor> before;
  for (const Weight& w : layer.weights()) before.push_back(w.variable->value.clone());
  result.outputs = test::run(
      inputs,
      [&](CallContext& context, const std::vector<Value>& x) { return layer.apply(context, x); },
      training);
  const std::vector<Weight> weights = layer.trainable_weights();
  for (const Weight& w : layer.weights()) result.after.push_back(w.variable->value.clone());
  if (!with_gradients) return result;
  for (std::size_t i = 0; i < before.size(); ++i)
    layer.weights()[i].variable->value.assign(before[i]);

  const auto gradient = [&](CallContext& context, const std::vector<Value>& x) {
    Value total;
    const std::vector<Value> outputs = layer.apply(context, x);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Value part =
          ops::sum(outputs[i] * context.graph.constant(scaled_cosines(result.outputs[i])));
      total = total ? total + part : part;
    }
    Value penalty = context.graph.constant(0.0);
    for (const Value& loss : context.losses) penalty = penalty + loss;
    std::vector<Value> wrt = x;
    for (const Weight& w : weights) wrt.push_back(context.graph.variable(w.variable));
    std::vector<Value> d = gradients(total + penalty, wrt);
    for (std::size_t i = 0; i < d.size(); ++i)
      if (!d[i]) d[i] = ops::zeros_like(wrt[i]);
    d.push_back(penalty);
    return d;
  };
  std::vector<Tensor> d = test::run(inputs, gradient, training);
  result.penalty = d.back().as(DType::kFloat64).data<double>()[0];
  d.pop_back();
  result.d_inputs.assign(d.begin(), d.begin() + std::ptrdiff_t(inputs.size()));
  result.d_weights.assign(d.begin() + std::ptrdiff_t(inputs.size()), d.end());
  return result;
}

std::vector<Tensor> tensors_of(const Json& list) {
  std::vector<Tensor> tensors;
  for (const Json& json : list) tensors.push_back(test::tensor_of(json));
  return tensors;
}

void expect_all_near(const std::vector<Tensor>& got, const Json& expected, double tolerance,
                     const char* what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    SCOPED_TRACE(concat(what, " ", i));
    test::expect_near(got[i], expected[i], tolerance);
  }
}

class Layers : public testing::TestWithParam<Json> {};

TEST_P(Layers, AreKeras) {
  const Json& c = GetParam();
  SCOPED_TRACE(c["name"].get<std::string>() + c["arguments"].dump());
  const double tolerance = c.value("tolerance", 1e-5);
  const auto layer = test::make<Layer>(c["name"].get<std::string>(), c["arguments"]);
  const std::vector<Tensor> inputs = tensors_of(c["inputs"]);
  std::vector<Shape> shapes;
  for (const Tensor& x : inputs) {
    shapes.push_back(x.shape());
    if (!shapes.back().empty()) shapes.back()[0] = kUnknown;
  }
  layer->ensure_built(shapes);
  const std::vector<Weight> weights = layer->weights();
  ASSERT_EQ(weights.size(), c["weights"].size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_EQ(weights[i].variable->name, c["weight_names"][i].get<std::string>());
    const Tensor value = test::tensor_of(c["weights"][i]);
    ASSERT_EQ(weights[i].variable->value.shape(), value.shape());
    weights[i].variable->value.assign(value);
  }
  layer->weights_loaded();
  const Play got = play(*layer, inputs, c["training"].get<bool>(), c.contains("d_inputs"));
  const bool several = c.contains("outputs");
  expect_all_near(got.outputs, several ? c["outputs"] : Json::array({c["output"]}), tolerance,
                  "output");
  if (HasFatalFailure()) return;
  expect_all_near(got.after, c["after"], tolerance, "weight after the call");
  if (c.contains("d_inputs")) {
    EXPECT_NEAR(got.penalty, c["penalty"].get<double>(), 1e-5);
    expect_all_near(got.d_inputs, c["d_inputs"], tolerance, "gradient of input");
    expect_all_near(got.d_weights, c["d_weights"], tolerance, "gradient of weight");
  }
  if (!c.contains("config")) return;
  EXPECT_EQ(!layer->build_config().is_null(), c["has_build_config"].get<bool>());
  // Keys may stand in another order.
  const auto sorted = [](Json json) {
    json.erase("name");
    return nlohmann::json::parse(json.dump());
  };
  const nlohmann::json written = sorted(config_of(*layer)), expected = sorted(c["config"]);
  EXPECT_EQ(written, expected) << nlohmann::json::diff(written, expected);
}

std::vector<Json> cases(const char* file, const char* part) {
  const Json all = test::stored(file, part);
  return {all.begin(), all.end()};
}

std::string name_of(const testing::TestParamInfo<Json>& info) {
  return info.param["name"].get<std::string>() + "_" + std::to_string(info.index);
}

#define KERATIN_PLAY(Suite, part)                                                              \
  INSTANTIATE_TEST_SUITE_P(Suite, Layers, testing::ValuesIn(cases("layers_image.json", part)), \
                           name_of)
KERATIN_PLAY(Conv, "conv");
KERATIN_PLAY(Pool, "pool");
KERATIN_PLAY(Shape, "shape");
KERATIN_PLAY(Norm, "norm");
KERATIN_PLAY(Activation, "activation");
KERATIN_PLAY(Noise, "noise");
KERATIN_PLAY(Merge, "merge");
KERATIN_PLAY(Sound, "sound");
KERATIN_PLAY(Augmentation, "augmentation");
INSTANTIATE_TEST_SUITE_P(Basic, Layers, testing::ValuesIn(cases("nn_numbers.json", "layers")),
                         name_of);

// Keras leaves such a kernel, and what it knows of it, as they are.
TEST(SpectralNormalization, LeavesAKernelOfZeros) {
  const auto layer = test::make<Layer>(
      "SpectralNormalization",
      {{"layer",
        {{"class_name", "Dense"},
         {"config",
          {{"units", 2}, {"kernel_initializer", "zeros"}, {"bias_initializer", "ones"}}}}}});
  Tensor x(DType::kFloat32, {3, 4});
  for (float& v : x.span<float>()) v = 2;
  const Shape shape{kUnknown, 4};
  layer->ensure_built(std::vector<Shape>{shape});
  const Tensor u = layer->weights().back().variable->value.clone();
  const Play got = play(*layer, {x}, true, true);
  for (const float v : got.outputs[0].span<float>()) EXPECT_EQ(v, 1);
  test::expect_near(got.after.back(), u, 0);
  for (const Tensor& d : got.d_weights)
    for (const float v : d.span<float>()) EXPECT_TRUE(std::isfinite(v));
}

TEST(Discretization, LearnsKerasBoundaries) {
  for (const Json& c : test::stored("layers_image.json", "adaptions")) {
    SCOPED_TRACE(c["arguments"].dump());
    const auto layer = test::make<Layer>(c["name"].get<std::string>(), c["arguments"]);
    if (!c["data"].is_null()) layer->adapt(test::tensor_of(c["data"]));
    const auto got = config_of(*layer)["bin_boundaries"].get<std::vector<double>>();
    const auto expected = c["boundaries"].get<std::vector<double>>();
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6);
    const Tensor y = test::run({test::tensor_of(c["x"])}, [&](CallContext& context, const auto& x) {
      return layer->apply(context, x);
    })[0];
    test::expect_near(y, c["y"]);
  }
}

}  // namespace
}  // namespace keratin
