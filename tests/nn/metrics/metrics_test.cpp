// Metrics batch by batch, against Keras' (tests/nn/make_steps.py, make_metrics.py).
#include "nn/metrics/metric.h"

#include <gmock/gmock.h>

#include <set>

#include "nn/harness.h"

namespace keratin {
namespace {

std::vector<Json> cases() {
  std::vector<Json> all;
  for (const char* file : {"nn_steps.json", "nn_metrics.json"})
    for (const Json& c : test::stored(file, "metrics")) all.push_back(c);
  return all;
}

Spec spec_of(const Tensor& tensor) {
  Spec spec{tensor.dtype(), tensor.shape()};
  if (!spec.shape.empty()) spec.shape[0] = kUnknown;
  return spec;
}

void update(Metric& metric, const Json& batch, bool first) {
  std::vector<Tensor> inputs = {test::tensor_of(batch["y_true"])};
  inputs.push_back(batch.contains("y_pred") ? test::tensor_of(batch["y_pred"]) : inputs[0]);
  if (batch.contains("weight")) inputs.push_back(test::tensor_of(batch["weight"]));
  if (first) metric.build(spec_of(inputs[0]), spec_of(inputs[1]));
  test::run(inputs, [&](CallContext&, const std::vector<Value>& in) {
    metric.update(in[0], in[1], in.size() > 2 ? in[2] : Value{});
    return std::vector<Value>{};
  });
}

void expect_result(const Metric& metric, const Json& expected, double tolerance) {
  const std::vector<double> got = metric.result();
  const Tensor wanted = test::tensor_of(expected).as(DType::kFloat64);
  ASSERT_EQ(std::int64_t(got.size()), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double w = wanted.data<double>()[i];
    if (std::isnan(w)) {
      EXPECT_TRUE(std::isnan(got[i])) << got[i];
      continue;
    }
    EXPECT_NEAR(got[i], w, tolerance * (1 + std::abs(w))) << "result " << i;
  }
}

TEST(Metrics, ResultsAndStateAreKeras) {
  std::set<std::string> seen;
  for (const Json& c : cases()) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"]));
    seen.insert(c["name"].get<std::string>());
    reset_names();
    const auto metric = test::make<Metric>(c["name"], c["arguments"]);
    for (const bool again : {false, true}) {  // the second time after a reset
      for (std::size_t i = 0; i < c["batches"].size(); ++i) {
        SCOPED_TRACE(concat("batch ", i, again ? " after a reset" : ""));
        update(*metric, c["batches"][i], i == 0 && !again);
        expect_result(*metric, c["batches"][i]["result"], 1e-5);
      }
      ASSERT_EQ(metric->variables().size(), c["state"].size());
      for (std::size_t i = 0; i < c["state"].size(); ++i) {
        const Variable& variable = *metric->variables()[i];
        EXPECT_EQ(variable.name, c["state"][i]["name"].get<std::string>());
        EXPECT_EQ(variable.path, c["state"][i]["path"].get<std::string>());
        test::expect_near(variable.value.as(DType::kFloat32),
                          test::tensor_of(c["state"][i]["value"]).as(DType::kFloat32), 1e-5);
      }
      metric->reset();
    }
  }
  for (const ClassInfo* info : list_classes("metrics"))
    EXPECT_TRUE(seen.contains(info->name)) << info->name;
}

bool is_array(const Json& json) { return json.is_object() && json["class_name"] == "__tensor__"; }

TEST(Metrics, AreWrittenAsKerasWritesThem) {
  for (const Json& c : cases()) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"]));
    reset_names();
    const auto metric = test::make<Metric>(c["name"], c["arguments"]);
    const Json written = serialize(metric.get());
    EXPECT_EQ(written["class_name"], c["form"]["class_name"]);
    EXPECT_EQ(written["module"], c["form"]["module"]);
    for (const auto& [key, value] : c["form"]["config"].items())
      EXPECT_EQ(written["config"][key], is_array(value) ? value["config"]["value"] : value)
          << key << " in " << written.dump();
    for (const auto& [key, value] : c["arguments"].items()) {
      if (c["form"]["config"].contains(key)) continue;
      EXPECT_EQ(written["config"][key], value) << key << " in " << written.dump();
    }
    EXPECT_EQ(serialize(deserialize_as<Metric>(written).get()), written);
    deserialize_as<Metric>(c["form"]);
  }
}

TEST(Metrics, KnowWhatIsBetter) {
  for (const Json& c : cases()) {
    SCOPED_TRACE(c["name"]);
    const auto metric = test::make<Metric>(c["name"], c["arguments"]);
    const auto direction = c["direction"] == "up"     ? Metric::Direction::kUp
                           : c["direction"] == "down" ? Metric::Direction::kDown
                                                      : Metric::Direction::kNone;
    EXPECT_EQ(int(metric->direction()), int(direction));
  }
}

}  // namespace
}  // namespace keratin
