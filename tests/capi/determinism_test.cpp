// The same bits for any number of threads, and each time.
#include "support.h"

namespace keratin::test {
namespace {

struct Kind {
  const char* name;
  kt::Model (*make)();
  kt::Shape row;  // of the input, without the batch axis
};

kt::Model wide() {
  NetOptions options;
  options.input = 300;
  options.hidden = 520;
  options.more = {{"BatchNormalization", "{}"},
                  {"Dense", "{\"units\": 260, \"activation\": \"gelu\"}"},
                  {"Dropout", "{\"rate\": 0.3}"},
                  {"LayerNormalization", "{}"}};
  return net(options);
}

kt::Model images() {
  kt::Model model = kt::Model::chain(
      layer("InputLayer", "{\"shape\": [20, 20, 3]}"),
      layer("Conv2D", "{\"filters\": 24, \"kernel_size\": 3, \"activation\": \"relu\"}"),
      layer("MaxPooling2D"), layer("Conv2D", "{\"filters\": 32, \"kernel_size\": 3}"),
      layer("GlobalAveragePooling2D"),
      layer("Dense", "{\"units\": 1, \"activation\": \"sigmoid\"}"));
  model.compile(
      "{\"optimizer\": \"sgd\", \"loss\": \"binary_crossentropy\", \"metrics\": [\"AUC\"]}");
  return model;
}

// What all layers made in here compute by.
struct Policy {
  explicit Policy(const char* name) { kt::check(kt_set_dtype_policy(name)); }
  ~Policy() { kt_error_free(kt_set_dtype_policy("float32")); }
};

kt::Model wide_bfloat16() {
  const Policy policy("mixed_bfloat16");
  return wide();
}
kt::Model images_bfloat16() {
  const Policy policy("mixed_bfloat16");
  return images();
}

kt::Model steps_bfloat16() {
  const Policy policy("mixed_bfloat16");
  kt::Model model = kt::Model::chain(layer("InputLayer", "{\"shape\": [20, 12]}"),
                                     layer("LSTM", "{\"units\": 24, \"return_sequences\": true}"),
                                     layer("Conv1D", "{\"filters\": 20, \"kernel_size\": 3}"),
                                     layer("GlobalAveragePooling1D"),
                                     layer("Dense", "{\"units\": 1, \"activation\": \"sigmoid\"}"));
  model.compile("{\"optimizer\": \"sgd\", \"loss\": \"binary_crossentropy\"}");
  return model;
}

class Determinism : public testing::TestWithParam<Kind> {};

TEST_P(Determinism, AnyNumberOfThreads) {
  const std::int64_t rows = 150;
  kt::Shape shape = GetParam().row;
  shape.insert(shape.begin(), rows);
  const kt::Tensor x = waves(shape, 0.37f), y = labels(rows);
  std::vector<std::uint64_t> hashes;
  for (const int threads : {1, 2, 3, 1, 2, 3}) {
    kt::check(kt_set_num_threads(threads));
    kt_set_random_seed(5);
    kt::Model model = GetParam().make();
    model.fit(kt::Data(x, y), fit_options(3, 64));
    hashes.push_back(model.weights_hash());
    EXPECT_EQ(hashes.back(), hashes.front()) << threads << " threads";
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Determinism,
                         testing::Values(Kind{"wide", wide, {300}},
                                         Kind{"images", images, {20, 20, 3}},
                                         Kind{"wide_bfloat16", wide_bfloat16, {300}},
                                         Kind{"images_bfloat16", images_bfloat16, {20, 20, 3}},
                                         Kind{"steps_bfloat16", steps_bfloat16, {20, 12}}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Determinism, SeedsDiffer) {
  const kt::Tensor x = waves({20, 8}, 0.1f), y = labels(20);
  std::vector<std::uint64_t> hashes;
  for (const std::uint64_t seed : {1, 2}) {
    kt_set_random_seed(seed);
    hashes.push_back(net().weights_hash());
  }
  EXPECT_NE(hashes[0], hashes[1]);
}

}  // namespace
}  // namespace keratin::test
