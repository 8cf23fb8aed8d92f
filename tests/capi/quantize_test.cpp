// Quantized models through the C ABI: the same for any number of threads and from several at once,
// and what is refused.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "support.h"

namespace keratin::test {
namespace {

kt::Model pictures() {
  kt_set_random_seed(3);
  return kt::Model::chain(
      layer("InputLayer", R"({"shape": [14, 14, 3]})"),
      layer("Conv2D", R"({"filters": 24, "kernel_size": 3, "activation": "relu", "name": "conv"})"),
      layer("MaxPooling2D"), layer("Flatten"),
      layer("Dense", R"({"units": 130, "activation": "relu", "name": "wide"})"),
      layer("Dense", R"({"units": 3, "name": "last"})"));
}

kt_error* quantize(const kt::Model& model, const char* mode, const char* layers = nullptr,
                   const kt_data* calibration = nullptr, double percentile = 100) {
  kt_quantize_options options = KT_QUANTIZE_OPTIONS_INIT;
  options.layers = layers;
  options.calibration = calibration;
  options.percentile = percentile;
  return kt_model_quantize(model.get(), mode, &options);
}

std::vector<float> values(const kt::Tensor& tensor) {
  return {tensor.data<float>(), tensor.data<float>() + tensor.size()};
}

TEST(Quantize, PredictsTheSameForAnyNumberOfThreads) {
  const kt::Tensor x = waves({130, 14, 14, 3}, 0.37F);
  for (const bool fixed : {false, true}) {
    kt::Model model = pictures();
    kt::QuantizeOptions options;
    if (fixed) options.calibrate(x);
    model.quantize("int8", options);
    std::vector<std::vector<float>> results;
    for (const int threads : {1, 2, 3}) {
      kt::check(kt_set_num_threads(threads));
      for (const std::int64_t batch : {1, 7, 130})
        results.push_back(values(model.predict(x, batch)));
    }
    for (const std::vector<float>& result : results) EXPECT_EQ(result, results[0]);

    std::vector<std::vector<float>> at_once(4);
    std::vector<std::thread> threads;
    for (std::vector<float>& result : at_once)
      threads.emplace_back([&] { result = values(model.predict(x, 64)); });
    for (std::thread& thread : threads) thread.join();
    for (const std::vector<float>& result : at_once) EXPECT_EQ(result, results[0]);
  }
}

TEST(Quantize, IsNearTheFloats) {
  const kt::Tensor x = waves({64, 14, 14, 3}, 0.37F);
  const std::vector<float> exact = values(pictures().predict(x));
  float most = 0;
  for (const float y : exact) most = std::max(most, std::abs(y));
  for (const bool fixed : {false, true}) {
    kt::Model model = pictures();
    kt::QuantizeOptions options;
    if (fixed) options.calibrate(x);
    model.quantize("int8", options);
    const std::vector<float> got = values(model.predict(x));
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], exact[i], 0.03 * most);
    EXPECT_NE(got, exact);
    EXPECT_EQ(kt_tensor_dtype(model.weight("wide/kernel").get()), KT_INT8);
    EXPECT_EQ(kt_tensor_dtype(model.weight("conv/kernel").get()), fixed ? KT_INT8 : KT_FLOAT32);
  }
}

kt::Model grouped_pictures() {
  kt_set_random_seed(5);
  return kt::Model::chain(
      layer("InputLayer", R"({"shape": [6, 7, 8]})"),
      layer("DepthwiseConv2D", R"({"kernel_size": 3, "padding": "same", "name": "depthwise"})"),
      layer("Conv2D", R"({"filters": 12, "kernel_size": 3, "groups": 2, "name": "plane"})"),
      layer("Conv2D", R"({"filters": 24, "kernel_size": 1, "groups": 6, "name": "thin"})"),
      layer("Reshape", R"({"target_shape": [20, 24]})"),
      layer("Conv1D", R"({"filters": 16, "kernel_size": 3, "groups": 8, "padding": "causal",
                          "dilation_rate": 2, "name": "line"})"),
      layer("Reshape", R"({"target_shape": [4, 5, 2, 8]})"),
      layer("Conv3D", R"({"filters": 6, "kernel_size": 2, "groups": 2, "name": "room"})"),
      layer("Flatten"), layer("Dense", R"({"units": 3})"));
}

TEST(Quantize, GroupsOfSeveralChannelsAreQuantizedAndSaved) {
  const kt::Tensor x = waves({40, 6, 7, 8}, 0.37F);
  const std::vector<float> exact = values(grouped_pictures().predict(x));
  float most = 0;
  for (const float y : exact) most = std::max(most, std::abs(y));
  kt::Model model = grouped_pictures();
  kt::QuantizeOptions options;
  options.calibrate(x);
  model.quantize("int8", options);
  for (const char* name : {"plane", "line", "room"})
    EXPECT_EQ(kt_tensor_dtype(model.weight(std::string(name) + "/kernel").get()), KT_INT8) << name;
  // One or two channels by themselves are faster as floats.
  for (const char* name : {"depthwise", "thin"})
    EXPECT_EQ(kt_tensor_dtype(model.weight(std::string(name) + "/kernel").get()), KT_FLOAT32)
        << name;
  const std::vector<float> got = values(model.predict(x));
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], exact[i], 0.05 * most);
  EXPECT_NE(got, exact);
  for (const int threads : {1, 3}) {
    kt::check(kt_set_num_threads(threads));
    EXPECT_EQ(values(model.predict(x, 7)), got);
  }

  const std::string path = testing::TempDir() + "keratin_quantized_groups.keras";
  model.save(path);
  kt::Model loaded = kt::Model::load(path);
  std::remove(path.c_str());
  EXPECT_EQ(loaded.weights_hash(), model.weights_hash());
  EXPECT_EQ(values(loaded.predict(x)), got);
}

TEST(Quantize, SetWeightsAreSeenAtOnce) {
  kt::Model model = pictures(), other = pictures();
  const kt::Tensor x = waves({40, 14, 14, 3}, 0.37F);
  model.quantize();
  other.quantize();
  model.predict(x);
  kt::Tensor kernel = model.weight("last/kernel");
  auto* bytes = static_cast<std::int8_t*>(kt_tensor_data(kernel.get()));
  for (std::int64_t i = 0; i < kernel.size(); ++i) bytes[i] = static_cast<std::int8_t>(-bytes[i]);
  model.set_weight("last/kernel", kernel);
  const std::vector<float> got = values(model.predict(x)), wanted = values(other.predict(x));
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], -wanted[i]);
}

TEST(Quantize, TakesTheLayersThatAreNamed) {
  kt::Model model = pictures();
  kt::check(quantize(model, "int8", R"(["last"])"));
  EXPECT_EQ(kt_tensor_dtype(model.weight("last/kernel").get()), KT_INT8);
  EXPECT_EQ(kt_tensor_dtype(model.weight("wide/kernel").get()), KT_FLOAT32);
  kt::check(quantize(model, "int8", R"(["wide"])"));
  EXPECT_EQ(code_of(quantize(model, "int8")), KT_ERROR_STATE);
}

TEST(Quantize, CompilesAnew) {
  kt::Model model = net();
  const kt::Tensor x = waves({40, 8}, 0.3F), y = labels(40);
  model.fit(kt::Data(x, y), fit_options(1, 10));
  model.quantize();
  EXPECT_TRUE(model.is_compiled());
  std::int64_t iterations = -1;
  kt::check(kt_model_iterations(model.get(), &iterations));
  EXPECT_EQ(iterations, 0);
}

TEST(Quantize, Refuses) {
  const kt::Model model = pictures();
  EXPECT_EQ(code_of(kt_model_quantize(nullptr, "int8", nullptr)), KT_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(kt_model_quantize(model.get(), nullptr, nullptr)), KT_ERROR_INVALID_ARGUMENT);
  for (const char* mode : {"int4", "float8", "gptq", "awq"})
    EXPECT_EQ(code_of(quantize(model, mode)), KT_ERROR_UNSUPPORTED) << mode;
  EXPECT_EQ(code_of(quantize(model, "")), KT_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(quantize(model, "int8", "{}")), KT_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(quantize(model, "int8", "[1]")), KT_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(quantize(model, "int8", "[")), KT_ERROR_CORRUPT);
  EXPECT_EQ(code_of(quantize(model, "int8", "[]")), KT_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(quantize(model, "int8", R"(["none"])")), KT_ERROR_NOT_FOUND);
  EXPECT_THAT(message_of(quantize(model, "int8", R"(["conv"])")),
              testing::HasSubstr("'conv' (Conv2D) has no int8 form without a calibration set"));
  EXPECT_THAT(message_of(quantize(grouped_pictures(), "int8", R"(["thin"])")),
              testing::HasSubstr("'thin' (Conv2D) has no int8 form"));
  EXPECT_EQ(code_of(quantize(model, "int8", nullptr, nullptr, 101)), KT_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(quantize(model, "int8", nullptr, nullptr, std::nan(""))),
            KT_ERROR_INVALID_ARGUMENT);
  kt_data data = KT_DATA_INIT;
  EXPECT_EQ(code_of(quantize(model, "int8", nullptr, &data)), KT_ERROR_INVALID_ARGUMENT);
  kt_quantize_options options = KT_QUANTIZE_OPTIONS_INIT;
  options.struct_size = 0;
  EXPECT_EQ(code_of(kt_model_quantize(model.get(), "int8", &options)), KT_ERROR_INVALID_ARGUMENT);
  options = KT_QUANTIZE_OPTIONS_INIT;
  options.batch_size = -1;
  EXPECT_EQ(code_of(kt_model_quantize(model.get(), "int8", &options)), KT_ERROR_INVALID_ARGUMENT);
  const kt::Model empty = kt::Model::chain(layer("Dense", R"({"units": 1})"));
  EXPECT_EQ(code_of(quantize(empty, "int8")), KT_ERROR_STATE);
  // All this has changed nothing.
  EXPECT_EQ(kt_tensor_dtype(model.weight("wide/kernel").get()), KT_FLOAT32);
}

}  // namespace
}  // namespace keratin::test
