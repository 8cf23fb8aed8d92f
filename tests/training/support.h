// What the tests of training share: small models, data, and the numbers that Keras gave.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "core/random.h"
#include "core/registry.h"
#include "model/compile.h"
#include "training/trainer.h"

namespace keratin::testing {

inline const Json& reference() {
  static const Json json = [] {
    std::ifstream file(KERATIN_TEST_DATA "/training.json");
    std::stringstream text;
    text << file.rdbuf();
    // NaN and infinities as Python writes them do not occur outside of strings.
    return parse_json(text.str(), "training.json");
  }();
  return json;
}

inline Tensor tensor_of(const Json& json) {
  const Shape shape = json["shape"].get<Shape>();
  const std::string dtype = json["dtype"];
  if (dtype == "float32") return Tensor::of(shape, json["data"].get<std::vector<float>>());
  if (dtype == "int32") return Tensor::of(shape, json["data"].get<std::vector<std::int32_t>>());
  return Tensor::of(shape, json["data"].get<std::vector<std::int64_t>>());
}

inline std::vector<Tensor> tensors_of(const Json& json) {
  std::vector<Tensor> tensors;
  for (const Json& item : json) tensors.push_back(tensor_of(item));
  return tensors;
}

inline Dataset dataset_of(const Json& json) {
  return {tensors_of(json["x"]), tensors_of(json["y"]), tensors_of(json["sample_weight"])};
}

inline void set_weights(Model& model, const std::vector<Tensor>& values) {
  const std::vector<Weight> weights = model.weights();
  ASSERT_EQ(weights.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) weights[i].variable->value.assign(values[i]);
}

inline void expect_near(const Tensor& got, const Tensor& wanted, const std::string& what,
                        double tolerance = 2e-5) {
  ASSERT_EQ(got.shape(), wanted.shape()) << what;
  for (std::int64_t i = 0; i < got.size(); ++i) {
    const double w = wanted.data<float>()[i];
    ASSERT_NEAR(got.data<float>()[i], w, tolerance + 2e-4 * std::abs(w))
        << what << " [" << i << "]";
  }
}

inline void expect_logs(const Logs& logs, const Json& wanted, const std::string& what) {
  ASSERT_EQ(logs.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    EXPECT_EQ(logs[i].first, wanted[i][0].get<std::string>()) << what;
    const auto values = wanted[i][1].get<std::vector<double>>();
    ASSERT_EQ(logs[i].second.size(), values.size()) << what << " " << logs[i].first;
    for (std::size_t k = 0; k < values.size(); ++k)
      EXPECT_NEAR(logs[i].second[k], values[k], 2e-5 + 2e-4 * std::abs(values[k]))
          << what << " " << logs[i].first;
  }
}

// A chain of Dense layers: {8, 5, 1} is 8 inputs, 5 hidden units, 1 output.
inline ModelPtr dense_model(const std::vector<int>& widths, const std::string& last = "sigmoid",
                            const std::string& name = "net") {
  std::vector<LayerPtr> layers;
  const auto add = [&](const char* cls, const Json& config) {
    layers.push_back(std::static_pointer_cast<Layer>(create("layers", cls, config)));
  };
  add("InputLayer", {{"batch_shape", {nullptr, widths[0]}}, {"name", "in"}});
  for (std::size_t i = 1; i < widths.size(); ++i) {
    const bool is_last = i + 1 == widths.size();
    add("Dense", {{"units", widths[i]},
                  {"activation", is_last ? last : "relu"},
                  {"name", is_last ? std::string("out") : "hidden" + std::to_string(i)}});
  }
  return Model::sequential(layers, name);
}

inline Json compile_config(const char* optimizer = "adam",
                           const char* loss = "binary_crossentropy") {
  return {{"optimizer", optimizer}, {"loss", loss}, {"metrics", {"accuracy"}}};
}

// Rows of normal numbers; y is 1 where their sum is positive.
inline Dataset binary_data(std::int64_t rows, int width = 8, std::uint64_t seed = 1) {
  Random random(seed);
  Tensor x(DType::kFloat32, {rows, width}), y(DType::kFloat32, {rows, 1});
  for (std::int64_t i = 0; i < rows; ++i) {
    double sum = 0;
    for (int k = 0; k < width; ++k) {
      const double value = random.normal();
      x.data<float>()[i * width + k] = static_cast<float>(value);
      sum += value;
    }
    y.data<float>()[i] = sum > 0 ? 1.0f : 0.0f;
  }
  return {{x}, {y}, {}};
}

// Expects an Error of that code whose message has all the parts.
template <class Fn>
void expect_error(Fn&& fn, Code code, std::initializer_list<const char*> parts) {
  try {
    fn();
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    for (const char* part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "'" << part << "' is not in: " << error.what();
  }
}

}  // namespace keratin::testing
