// Whole trainings against the numbers of the real Keras (make_training.py).
#include "training/support.h"

namespace keratin::testing {
namespace {

class Keras : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Json& play() const { return reference()["cases"][GetParam()]; }

  ModelPtr fresh() const {
    ModelPtr model = Model::from_json(play()["model"]);
    set_weights(*model, tensors_of(play()["before"]));
    compile(model, play()["compile"]);
    return model;
  }

  ClassWeights class_weight() const {
    ClassWeights weights(1);
    for (const auto& [label, weight] : play()["class_weight"].items())
      weights[0][std::stoll(label)] = weight.get<double>();
    return weights[0].empty() ? ClassWeights{} : weights;
  }

  FitOptions options() const {
    FitOptions o;
    o.shuffle = false;
    const Json& f = play()["fit"];
    const auto take = [&](const char* key, std::int64_t& to) {
      if (f.contains(key)) to = f[key].get<std::int64_t>();
    };
    take("batch_size", o.batch_size);
    take("epochs", o.epochs);
    take("initial_epoch", o.initial_epoch);
    take("steps_per_epoch", o.steps_per_epoch);
    take("validation_steps", o.validation_steps);
    take("validation_freq", o.validation_freq);
    take("validation_batch_size", o.validation_batch_size);
    o.validation_split = f.value("validation_split", 0.0);
    if (play().contains("validation")) o.validation_data = dataset_of(play()["validation"]);
    o.class_weight = class_weight();
    for (const Json& callback : play()["callbacks"])
      o.callbacks.push_back(std::static_pointer_cast<Callback>(
          create("callbacks", callback[0].get<std::string>(), callback[1])));
    return o;
  }
};

TEST_P(Keras, Fit) {
  const ModelPtr model = fresh();
  const Dataset data = dataset_of(play());
  const History history = fit(model, data, options());

  EXPECT_EQ(history.epochs, play()["epochs"].get<std::vector<std::int64_t>>());
  ASSERT_EQ(history.values.size(), play()["history"].size());
  for (std::size_t i = 0; i < history.values.size(); ++i) {
    const auto& [key, values] = history.values[i];
    EXPECT_EQ(key, play()["history"][i][0].get<std::string>());
    const auto wanted = play()["history"][i][1].get<std::vector<std::vector<double>>>();
    ASSERT_EQ(values.size(), wanted.size()) << key;
    for (std::size_t e = 0; e < wanted.size(); ++e)
      EXPECT_NEAR(values[e].at(0), wanted[e].at(0), 2e-5 + 2e-4 * std::abs(wanted[e][0]))
          << key << " in epoch " << e;
  }
  const std::vector<Weight> weights = model->weights();
  ASSERT_EQ(weights.size(), play()["after"].size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    expect_near(weights[i].variable->value, tensor_of(play()["after"][i]),
                weights[i].variable->path);

  EvaluateOptions evaluation;
  evaluation.batch_size = options().batch_size;
  const Logs logs = evaluate(model, data, evaluation);
  expect_logs(logs, play()["evaluate"], "evaluate");
  const Logs list = in_list_order(*model, logs);
  ASSERT_EQ(list.size(), play()["evaluate_list"].size());
  for (std::size_t i = 0; i < list.size(); ++i)
    EXPECT_NEAR(list[i].second.at(0), play()["evaluate_list"][i].get<double>(), 1e-3)
        << list[i].first;

  const std::vector<Tensor> predictions = predict(model, data.x, 5);
  ASSERT_EQ(predictions.size(), play()["predict"].size());
  for (std::size_t i = 0; i < predictions.size(); ++i)
    expect_near(predictions[i], tensor_of(play()["predict"][i]), "prediction");

  if (!play().contains("train_on_batch")) return;
  expect_logs(train_on_batch(model, data, class_weight()), play()["train_on_batch"],
              "train_on_batch");
  expect_logs(test_on_batch(model, data), play()["test_on_batch"], "test_on_batch");
}

// Keys in any order.
nlohmann::json sorted(const Json& json) { return nlohmann::json::parse(json.dump()); }

// What is written back is what Keras writes, but for the learning rate of a float.
TEST_P(Keras, CompileConfig) {
  const ModelPtr model = fresh();
  Json got = model->compiled->config(), wanted = play()["compile"];
  for (Json* json : {&got, &wanted}) (*json)["optimizer"]["config"]["learning_rate"] = nullptr;
  EXPECT_EQ(sorted(got), sorted(wanted));
}

TEST_P(Keras, CompileConfigAfterTraining) {
  const ModelPtr model = fresh();
  fit(model, dataset_of(play()), options());
  EXPECT_EQ(sorted(model->compiled->config()), sorted(play()["compiled_after"]));
}

std::string name_of_case(const ::testing::TestParamInfo<std::size_t>& info) {
  return reference()["cases"][info.param]["name"].get<std::string>();
}
INSTANTIATE_TEST_SUITE_P(Cases, Keras,
                         ::testing::Range<std::size_t>(0, reference()["cases"].size()),
                         name_of_case);

}  // namespace
}  // namespace keratin::testing
