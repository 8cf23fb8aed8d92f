// Predictors: the bits of predict, on the caller's memory, whatever the model is at meanwhile.
#include <atomic>
#include <cstring>
#include <thread>

#include "predictor_models.h"

namespace keratin::test {
namespace {

TEST_P(PredictorKinds, GiveTheBitsOfPredict) {
  kt::check(kt_set_num_threads(2));
  const kt::Model model = this->model();
  for (const std::int64_t batch : {1, 3, 64}) {
    kt::Predictor predictor(model, batch);
    EXPECT_EQ(predictor.input_count(), 1U);
    EXPECT_EQ(predictor.input_shape()[0], batch);
    EXPECT_EQ(predictor.output_dtype(), KT_FLOAT32);
    const kt::Tensor x = input(predictor);
    std::vector<float> y = output_of(predictor);
    predictor.run(kt_tensor_data(x.get()), y.data());
    const kt::Tensor expected = model.predict(x, batch);
    EXPECT_EQ(expected.shape(), predictor.output_shape());
    expect_bits(expected, y);
  }
}

INSTANTIATE_TEST_SUITE_P(Predictors, PredictorKinds, testing::ValuesIn(predictor_kinds()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Predictor, KeepsItsWeightsWhileAnotherThreadTrains) {
  kt::check(kt_set_num_threads(2));
  NetOptions options;
  options.hidden = 200;
  options.more = {{"BatchNormalization", "{}"}, {"Dense", kWide}};
  kt::Model model = net(options);
  const kt::Tensor x = waves({64, 8}, 0.3f), y = labels(64);
  const kt::Tensor before = model.predict(x, 64);
  kt::Predictor predictor(model, 64);
  std::atomic<bool> done{false};
  std::thread trainer([&] {
    model.fit(kt::Data(x, y), fit_options(20, 16));
    done = true;
  });
  std::vector<float> given = output_of(predictor);
  int runs = 0;
  for (; runs < 10 || !done; ++runs) predictor.run(x.data<float>(), given.data());
  trainer.join();
  expect_bits(before, given);
  const kt::Tensor after = model.predict(x, 64);
  EXPECT_NE(std::memcmp(before.data<float>(), after.data<float>(), 64 * sizeof(float)), 0);
  kt::Predictor(model, 64).run(x.data<float>(), given.data());
  expect_bits(after, given);
}

TEST(Predictor, OutlivesItsModel) {
  const kt::Tensor x = waves({4, 8}, 0.3f);
  kt::Model model = net();
  const kt::Tensor expected = model.predict(x, 4);
  kt::Predictor predictor(model, 4);
  model = kt::Model();
  std::vector<float> given = output_of(predictor);
  predictor.run(x.data<float>(), given.data());
  expect_bits(expected, given);
}

TEST(Predictor, ClonesRunAtOnce) {
  NetOptions options;
  options.hidden = 300;
  const kt::Model model = net(options);
  const kt::Tensor x = waves({50, 8}, 0.3f), expected = model.predict(x, 50);
  const kt::Predictor first(model, 50);
  std::vector<std::thread> threads;
  std::vector<std::vector<float>> given(3);
  for (auto& result : given)
    threads.emplace_back([&first, &x, &result] {
      kt::Predictor own = first.clone();
      result = output_of(own);
      for (int i = 0; i < 50; ++i) own.run(x.data<float>(), result.data());
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : given) expect_bits(expected, result);
}

TEST(Predictor, InUseElsewhereIsAnError) {
  NetOptions options;
  options.hidden = 300;
  const kt::Model model = net(options);
  const kt::Tensor x = waves({50, 8}, 0.3f), expected = model.predict(x, 50);
  kt::Predictor predictor(model, 50);
  std::atomic<int> refused{0}, others{0};
  const auto work = [&] {
    std::vector<float> y = output_of(predictor);
    const void* input = x.data<float>();
    void* output = y.data();
    for (int i = 0; i < 5000 && refused == 0; ++i) {
      const kt_code code = code_of(kt_predictor_run(predictor.get(), &input, 1, &output, 1));
      refused += code == KT_ERROR_STATE;
      others += code != KT_OK && code != KT_ERROR_STATE;
      if (code == KT_OK) expect_bits(expected, y);
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(others, 0);
}

TEST(Predictor, BeginsEachRunAtZero) {
  const kt::Model model = kt::Model::chain(layer("InputLayer", "{\"batch_shape\": [2, 5, 6]}"),
                                           layer("LSTM", "{\"units\": 9, \"stateful\": true}"));
  const kt::Tensor x = waves({2, 5, 6}, 0.3f);
  kt::Predictor predictor(model, 2);
  std::vector<float> y = output_of(predictor);
  for (int i = 0; i < 2; ++i) {
    predictor.run(x.data<float>(), y.data());
    expect_bits(model.predict(x, 2), y);
  }
  EXPECT_THROW(kt::Predictor(model, 3), kt::Error);
}

TEST(Predictor, OfUnknownLengths) {
  const kt::Model model = chain("[null, 4]", {{"Conv1D", "{\"filters\": 6, \"kernel_size\": 3}"},
                                              {"GlobalMaxPooling1D", "{}"}});
  kt_predictor* made;
  EXPECT_THAT(message_of(kt_predictor_create(model.get(), 1, nullptr, nullptr, 0, &made)),
              testing::HasSubstr("give the extents"));
  EXPECT_EQ(made, nullptr);
  for (const std::int64_t length : {3, 10}) {
    kt::Predictor predictor(model, 2, {{length, 4}});
    const kt::Tensor x = waves({2, length, 4}, 0.3f);
    std::vector<float> y = output_of(predictor);
    predictor.run(x.data<float>(), y.data());
    expect_bits(model.predict(x, 2), y);
  }
  EXPECT_THROW(kt::Predictor(model, 2, {{10, 5}}), kt::Error);
}

TEST(Predictor, BadArgumentsAreErrors) {
  const kt::Model model = net();
  kt_predictor* made;
  const auto create = [&](std::int64_t batch, const std::vector<kt::Shape>& shapes) {
    std::vector<const std::int64_t*> extents;
    std::vector<std::size_t> ranks;
    for (const kt::Shape& shape : shapes)
      extents.push_back(shape.data()), ranks.push_back(shape.size());
    return message_of(kt_predictor_create(model.get(), batch, extents.data(), ranks.data(),
                                          shapes.size(), &made));
  };
  EXPECT_THAT(create(0, {}), testing::HasSubstr("batch_size"));
  EXPECT_THAT(create(-1, {}), testing::HasSubstr("batch_size"));
  EXPECT_THAT(create(1, {{8}, {8}}), testing::HasSubstr("2 shapes"));
  EXPECT_THAT(create(1, {{9}}), testing::HasSubstr("got (1, 9)"));
  EXPECT_THAT(create(1, {{8, 1}}), testing::HasSubstr("input"));
  EXPECT_THAT(create(1, {{-1}}), testing::HasSubstr("-1"));
  const kt::Model not_built = kt::Model::chain(layer("Dense", "{\"units\": 1}"));
  EXPECT_EQ(code_of(kt_predictor_create(not_built.get(), 1, nullptr, nullptr, 0, &made)),
            KT_ERROR_STATE);
  const kt::Model of_text = chain("[1]", {{"Hashing", "{\"num_bins\": 10}"}}, "string");
  EXPECT_EQ(code_of(kt_predictor_create(of_text.get(), 1, nullptr, nullptr, 0, &made)),
            KT_ERROR_UNSUPPORTED);

  const kt::Predictor predictor(model, 1);
  float x[8] = {}, y = 0;
  const void* inputs[] = {x, x};
  void* outputs[] = {&y, &y};
  const auto run = [&](std::size_t n_inputs, std::size_t n_outputs) {
    return message_of(kt_predictor_run(predictor.get(), inputs, n_inputs, outputs, n_outputs));
  };
  EXPECT_EQ(run(1, 1), "");
  EXPECT_THAT(run(2, 1), testing::HasSubstr("1 inputs, got 2"));
  EXPECT_THAT(run(1, 0), testing::HasSubstr("1 outputs, got 0"));
  outputs[0] = nullptr;
  EXPECT_THAT(run(1, 1), testing::HasSubstr("outputs[0] is NULL"));
  inputs[0] = nullptr;
  EXPECT_THAT(run(1, 1), testing::HasSubstr("inputs[0] is NULL"));
  EXPECT_EQ(kt_predictor_input_shape(predictor.get(), 1), nullptr);
  EXPECT_EQ(kt_predictor_output_dtype(predictor.get(), 1), 0);
}

TEST(Predictor, IsNotMadeOfAModelInTraining) {
  kt::Model model = net();
  const kt::Tensor x = waves({64, 8}, 0.3f), y = labels(64);
  kt::FitOptions options = fit_options(1, 16);
  kt_code elsewhere = KT_OK, here = KT_ERROR_INTERNAL;
  options.callback_list.push_back(kt::Callback::at_epoch_end([&](kt_loop*, std::int64_t, auto&) {
    kt_predictor* made;
    std::thread([&] {
      elsewhere = code_of(kt_predictor_create(model.get(), 1, nullptr, nullptr, 0, &made));
    }).join();
    here = code_of(kt_predictor_create(model.get(), 1, nullptr, nullptr, 0, &made));
    kt_predictor_free(made);
  }));
  model.fit(kt::Data(x, y), std::move(options));
  EXPECT_EQ(elsewhere, KT_ERROR_STATE);
  EXPECT_EQ(here, KT_OK);
}

}  // namespace
}  // namespace keratin::test
