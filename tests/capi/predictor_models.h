// Models of several kinds, to make predictors of.
#pragma once

#include <gmock/gmock.h>

#include <cstring>

#include "support.h"

namespace keratin::test {

using Layers = std::vector<std::pair<const char*, std::string>>;

inline kt::Model chain(const std::string& shape, const Layers& layers,
                       const char* dtype = "float32") {
  std::vector<kt::Layer> all;
  all.push_back(
      layer("InputLayer", "{\"shape\": " + shape + ", \"dtype\": \"" + std::string(dtype) + "\"}"));
  for (const auto& [name, config] : layers) all.push_back(layer(name, config));
  return kt::Model::sequential(all);
}

struct PredictorKind {
  const char* name;
  const char* shape;
  Layers layers;
  const char* dtype = "float32";
};

inline const char* const kWide = "{\"units\": 300, \"activation\": \"relu\"}";

// Wide enough that kt_model_predict would use other threads.
inline const std::vector<PredictorKind>& predictor_kinds() {
  static const std::vector<PredictorKind> all = {
      {"dense",
       "[200]",
       {{"Dense", kWide},
        {"BatchNormalization", "{}"},
        {"Dropout", "{\"rate\": 0.5}"},
        {"Dense", kWide},
        {"LayerNormalization", "{}"},
        {"Dense", "{\"units\": 7, \"activation\": \"softmax\"}"}}},
      {"convolution",
       "[24, 24, 3]",
       {{"Conv2D", "{\"filters\": 16, \"kernel_size\": [3, 3], \"activation\": \"relu\"}"},
        {"BatchNormalization", "{}"},
        {"DepthwiseConv2D", "{\"kernel_size\": [3, 3]}"},
        {"MaxPooling2D", "{\"pool_size\": [2, 2]}"},
        {"Conv2DTranspose", "{\"filters\": 4, \"kernel_size\": [2, 2], \"strides\": [2, 2]}"},
        {"AveragePooling2D", "{\"pool_size\": [2, 2]}"},
        {"Flatten", "{}"},
        {"Dense", "{\"units\": 5}"}}},
      {"recurrent",
       "[12, 20]",
       {{"Bidirectional",
         "{\"layer\": {\"class_name\": \"LSTM\", \"config\": {\"units\": 40, \"return_sequences\": "
         "true}}}"},
        {"GRU", "{\"units\": 33, \"stateful\": false}"}}},
      {"tokens",
       "[16]",
       {{"Embedding", "{\"input_dim\": 50, \"output_dim\": 64, \"mask_zero\": true}"},
        {"LSTM", "{\"units\": 16, \"return_sequences\": true}"},
        {"GlobalAveragePooling1D", "{}"}},
       "int32"},
      {"nothing", "[3]", {{"Activation", "{\"activation\": \"linear\"}"}}},
  };
  return all;
}

class PredictorKinds : public testing::TestWithParam<PredictorKind> {
 protected:
  kt::Model model() const {
    kt_set_random_seed(3);
    return chain(GetParam().shape, GetParam().layers, GetParam().dtype);
  }
  kt::Tensor input(const kt::Predictor& predictor) const {
    const kt::Shape shape = predictor.input_shape();
    if (predictor.input_dtype() == KT_FLOAT32) return waves(shape, 0.37f);
    std::int64_t n = 1;
    for (const std::int64_t extent : shape) n *= extent;
    std::vector<std::int32_t> values(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<std::int32_t>(i * 7 % 50);
    return kt::Tensor(shape, std::move(values));
  }
};

inline std::vector<float> output_of(const kt::Predictor& predictor) {
  std::int64_t n = 1;
  for (const std::int64_t extent : predictor.output_shape()) n *= extent;
  return std::vector<float>(static_cast<std::size_t>(n), -7);
}

inline void expect_bits(const kt::Tensor& expected, const std::vector<float>& given) {
  ASSERT_EQ(expected.size(), static_cast<std::int64_t>(given.size()));
  EXPECT_EQ(std::memcmp(expected.data<float>(), given.data(), given.size() * sizeof(float)), 0);
}

}  // namespace keratin::test
