// A saved model goes on as if it had never been saved.
#include <unistd.h>

#include <cstdio>

#include "support.h"

namespace keratin::test {
namespace {

class Resume : public testing::TestWithParam<const char*> {};

TEST_P(Resume, EqualsARunInOneProcess) {
  NetOptions options;
  options.optimizer = GetParam();
  options.more = {{"Dropout", "{\"rate\": 0.4, \"seed\": 3}"}, {"BatchNormalization", "{}"}};
  const kt::Tensor x = waves({50, 8}, 0.3f), y = labels(50);
  const kt::Data data(x, y);
  const auto plain = [](std::int64_t from, std::int64_t to) {
    kt::FitOptions fit = fit_options(to, 8);
    fit.initial_epoch = from;
    fit.shuffle = 0;
    return fit;
  };
  kt_set_random_seed(9);
  kt::Model whole = net(options);
  whole.fit(data, plain(0, 3));
  whole.fit(data, plain(3, 5));

  kt_set_random_seed(9);
  const std::string path = testing::TempDir() + "resume" + std::to_string(getpid()) + ".keras";
  {
    kt::Model first = net(options);
    first.fit(data, plain(0, 3));
    first.save(path);
  }
  kt_set_random_seed(1234);  // what is not in the file would show
  kt::Model second = kt::Model::load(path);
  second.fit(data, plain(3, 5));
  std::remove(path.c_str());
  EXPECT_EQ(second.weights_hash(), whole.weights_hash());
}

// What an optimizer keeps may begin as the weights: those of the file, not those before them.
TEST(Resume, OfAModelThatWasNotTrained) {
  NetOptions options;
  options.optimizer = "\"schedule_free_adam_w\"";
  const kt::Tensor x = waves({50, 8}, 0.3f), y = labels(50);
  const kt::Data data(x, y);
  const auto plain = [] {
    kt::FitOptions fit = fit_options(2, 8);
    fit.shuffle = 0;
    return fit;
  };
  kt::Model first = net(options);
  const std::string path = testing::TempDir() + "untrained" + std::to_string(getpid()) + ".keras";
  first.save(path);
  kt::Model second = kt::Model::load(path);
  std::remove(path.c_str());
  first.fit(data, plain());
  second.fit(data, plain());
  EXPECT_EQ(second.weights_hash(), first.weights_hash());
}

INSTANTIATE_TEST_SUITE_P(
    Optimizers, Resume,
    testing::Values("\"adam\"", "\"rmsprop\"",
                    "{\"class_name\": \"SGD\", \"config\": {\"momentum\": 0.9, \"learning_rate\": "
                    "{\"class_name\": \"CosineDecay\", \"config\": {\"initial_learning_rate\": "
                    "0.1, \"decay_steps\": 40}}}}",
                    "{\"class_name\": \"AdamW\", \"config\": {\"gradient_accumulation_steps\": 3, "
                    "\"use_ema\": true, \"ema_momentum\": 0.9}}"));

}  // namespace
}  // namespace keratin::test
