// Losses and their gradients, against Keras' (tests/nn/make_steps.py, make_losses.py).
#include "nn/losses/loss.h"

#include <gmock/gmock.h>

#include <set>

#include "nn/harness.h"

namespace keratin {
namespace {

using LossPtr = std::shared_ptr<Loss>;

std::vector<Json> cases() {
  std::vector<Json> all;
  for (const char* file : {"nn_steps.json", "nn_losses.json"})
    for (const Json& c : test::stored(file, "losses")) all.push_back(c);
  return all;
}

// The loss, and the gradient of the sum of its values, each times the cosine of its index.
std::vector<Tensor> evaluate(const Loss& loss, const std::vector<Tensor>& inputs,
                             const Shape& result) {
  return test::run(inputs, [&](CallContext&, const std::vector<Value>& in) {
    const Value value = loss(in[0], in[1], in.size() > 2 ? in[2] : Value{});
    const std::vector<Value> wrt{in[1]};
    const Value d = gradients(test::cosine_sum(value, result), wrt)[0];
    return std::vector<Value>{value, d ? d : ops::zeros_like(in[1])};
  });
}

TEST(Losses, ValuesAndGradientsAreKeras) {
  std::set<std::string> seen;
  for (const Json& c : cases()) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"], " ", c["y_true"]["shape"], " ",
                        c["y_pred"]["shape"]));
    seen.insert(c["name"].get<std::string>());
    const LossPtr loss = test::make<Loss>(c["name"], c["arguments"]);
    std::vector<Tensor> inputs = {test::tensor_of(c["y_true"]), test::tensor_of(c["y_pred"])};
    if (c.contains("weight")) inputs.push_back(test::tensor_of(c["weight"]));
    const std::vector<Tensor> got = evaluate(*loss, inputs, c["loss"]["shape"].get<Shape>());
    test::expect_near(got[0], c["loss"], 1e-5);
    test::expect_near(got[1], c["gradient"], 2e-5);
  }
  for (const ClassInfo* info : list_classes("losses"))
    EXPECT_TRUE(seen.contains(info->name)) << info->name;
}

TEST(Losses, AreWrittenAsKerasWritesThem) {
  for (const Json& c : cases()) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"]));
    reset_names();
    const LossPtr loss = test::make<Loss>(c["name"], c["arguments"]);
    const Json written = serialize(loss.get());
    EXPECT_EQ(written["class_name"], c["form"]["class_name"]);
    EXPECT_EQ(written["module"], c["form"]["module"]);
    // Keras writes some, and reads all, of what a loss is configured by.
    for (const auto& [key, value] : c["form"]["config"].items())
      EXPECT_EQ(written["config"][key], value) << key << " in " << written.dump();
    const Json config = config_of(*loss);
    for (const auto& [key, value] : c["arguments"].items()) {
      const Json& kept = config.contains(key) ? config[key] : loss->info().find(key)->default_value;
      EXPECT_EQ(kept, value) << key << " in " << written.dump();
    }
    EXPECT_EQ(serialize(deserialize_as<Loss>(written).get()), written);
    deserialize_as<Loss>(c["form"]);
  }
}

// In float64, where there is a gradient at all: predictions are moved by a little, one by one.
TEST(Losses, GradientsAreThoseOfFiniteDifferences) {
  constexpr double kStep = 1e-6;
  std::set<std::string> seen;
  for (const Json& c : cases()) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"], " ", c["y_pred"]["shape"]));
    const Shape result = c["loss"]["shape"].get<Shape>();
    Json config = c["arguments"];
    config["dtype"] = "float64";
    const LossPtr loss = test::make<Loss>(c["name"], config);
    std::vector<Tensor> inputs = {test::tensor_of(c["y_true"]),
                                  test::tensor_of(c["y_pred"]).as(DType::kFloat64)};
    if (c.contains("weight")) inputs.push_back(test::tensor_of(c["weight"]));
    const Tensor gradient = evaluate(*loss, inputs, result)[1];
    const auto sum_at = [&](std::int64_t i, double offset) {
      std::vector<Tensor> moved = inputs;
      moved[1] = inputs[1].clone();
      moved[1].data<double>()[i] += offset;
      const Tensor value = evaluate(*loss, moved, result)[0];
      double sum = 0;
      for (std::int64_t k = 0; k < value.size(); ++k)
        sum += value.data<double>()[k] * std::cos(double(k));
      return sum;
    };
    // A few elements of each case: every loss has several cases.
    const std::int64_t n = inputs[1].size();
    for (const std::int64_t i : {std::int64_t(0), n / 2, n - 1}) {
      const double here = sum_at(i, 0);
      const double up = (sum_at(i, kStep) - here) / kStep,
                   down = (here - sum_at(i, -kStep)) / kStep;
      if (std::abs(up - down) > 1e-3 * (1 + std::abs(up))) continue;  // a kink: no derivative
      const double difference = (up + down) / 2;
      EXPECT_NEAR(gradient.data<double>()[i], difference,
                  1e-4 * (1 + std::abs(difference)) + 1e-9 * std::abs(here))
          << "element " << i;
      seen.insert(c["name"].get<std::string>());
    }
  }
  for (const ClassInfo* info : list_classes("losses"))
    EXPECT_TRUE(seen.contains(info->name)) << info->name;
}

TEST(Losses, GoByKerasOtherNames) {
  const auto named = [](const char* name) { return find_class("losses", name); };
  EXPECT_EQ(named("mse"), named("MeanSquaredError"));
  EXPECT_EQ(named("MAE"), named("mean_absolute_error"));
  EXPECT_EQ(named("bce"), named("binary_crossentropy"));
}

}  // namespace
}  // namespace keratin
