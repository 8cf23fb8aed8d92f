// Optimizers step by step, against Keras' (tests/nn/make_steps.py, make_optimizers.py).
#include "nn/optimizers/optimizer.h"

#include <gmock/gmock.h>

#include <set>

#include "nn/harness.h"

namespace keratin {
namespace {

// w <= 0.5
class AtMost : public Constraint {
 public:
  KERATIN_CLASS
  void apply(Tensor& weight) const override {
    for (float& w : weight.span<float>()) w = std::min(w, 0.5f);
  }
};
const ClassInfo& AtMost::describe() {
  static const ClassInfo info = class_info<AtMost>("constraints", "AtMost", "tests", "w <= 0.5.");
  return info;
}

struct Trained {
  OptimizerPtr optimizer;
  std::vector<VariablePtr> weights;
};

Trained build(const Json& file, const Json& c) {
  reset_names();
  Trained t{test::make<Optimizer>(c["name"], c["arguments"]), {}};
  std::vector<ConstraintPtr> constraints;
  for (std::size_t i = 0; i < file["weights"].size(); ++i) {
    const std::string name = concat("w", i);
    t.weights.push_back(
        std::make_shared<Variable>(name, test::tensor_of(file["weights"][i]), true));
    t.weights.back()->path = file.contains("paths") ? file["paths"][i].get<std::string>()
                                                    : concat("layer_", i, "/", name);
    constraints.push_back(c["constrained"] && i == 1 ? std::make_shared<AtMost>() : nullptr);
  }
  t.optimizer->build(t.weights, constraints);
  return t;
}

Tensor all_of(const std::vector<VariablePtr>& weights) {
  std::vector<float> all;
  for (const VariablePtr& w : weights)
    all.insert(all.end(), w->value.span<float>().begin(), w->value.span<float>().end());
  return Tensor::of<float>({std::int64_t(all.size())}, all);
}

// One step by row `step` of the gradients, which lie there one after another.
void apply(const Trained& t, const Tensor& gradients, std::int64_t step) {
  Tensor row = gradients.clone();
  float* at = row.data<float>() + step * (row.size() / row.shape()[0]);
  std::vector<float*> pointers;
  for (const VariablePtr& w : t.weights) {
    pointers.push_back(at);
    at += w->value.size();
  }
  t.optimizer->apply(pointers);
}

void expect_state(const Optimizer& optimizer, const Json& state) {
  const std::vector<VariablePtr>& variables = optimizer.variables();
  ASSERT_EQ(variables.size(), state.size());
  for (std::size_t i = 0; i < state.size(); ++i) {
    SCOPED_TRACE(state[i]["path"]);
    EXPECT_EQ(variables[i]->name, state[i]["name"].get<std::string>());
    EXPECT_EQ(variables[i]->path, state[i]["path"].get<std::string>());
    test::expect_near(variables[i]->value, state[i]["value"], 1e-5);
  }
}

// Without the order of keys: ours is that of the arguments.
nlohmann::json unordered(const Json& json) { return nlohmann::json::parse(json.dump()); }

template <class Fn>
void each_case(Fn&& fn) {
  for (const char* name : {"nn_steps.json", "nn_optimizers.json"}) {
    const Json file = test::stored(name);
    for (const Json& c : file["optimizers"]) {
      SCOPED_TRACE(concat(c["name"], " ", c["arguments"], c["constrained"] ? " constrained" : ""));
      fn(file, c);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(Optimizers, StepsAndStateAreKeras) {
  std::set<std::string> seen;
  each_case([&](const Json& file, const Json& c) {
    seen.insert(c["name"].get<std::string>());
    const Trained t = build(file, c);
    const Tensor gradients =
        test::tensor_of(c.contains("gradients") ? c["gradients"] : file["gradients"]);
    const Tensor after = test::tensor_of(c["after"]);
    for (std::int64_t step = 0; step < after.shape()[0]; ++step) {
      SCOPED_TRACE(concat("step ", step));
      apply(t, gradients, step);
      test::expect_near(all_of(t.weights), after.view(step * after.shape()[1], {after.shape()[1]}),
                        c.value("tolerance", 5e-6));
    }
    expect_state(*t.optimizer, c["state"]);
    t.optimizer->finalize_weights();
    test::expect_near(all_of(t.weights), c["final"], c.value("tolerance", 5e-6));
  });
  for (const ClassInfo* info : list_classes("optimizers"))
    EXPECT_TRUE(seen.contains(info->name)) << info->name;
}

TEST(Optimizers, AreWrittenAsKerasWritesThem) {
  each_case([](const Json&, const Json& c) {
    reset_names();
    const OptimizerPtr optimizer = test::make<Optimizer>(c["name"], c["arguments"]);
    const Json written = serialize(optimizer.get());
    EXPECT_EQ(unordered(written), unordered(c["form"]));
    EXPECT_EQ(unordered(serialize(deserialize_as<Optimizer>(c["form"]).get())),
              unordered(c["form"]));
  });
}

// Steps that follow on a state that was copied are those that follow on the original.
TEST(Optimizers, GoOnFromTheirState) {
  each_case([](const Json& file, const Json& c) {
    const Tensor gradients =
        test::tensor_of(c.contains("gradients") ? c["gradients"] : file["gradients"]);
    const std::int64_t steps = gradients.shape()[0];
    const Trained first = build(file, c);
    for (std::int64_t step = 0; step < steps / 2; ++step) apply(first, gradients, step);
    const Trained second = build(file, c);
    for (std::size_t i = 0; i < first.weights.size(); ++i)
      second.weights[i]->value.assign(first.weights[i]->value);
    for (std::size_t i = 0; i < first.optimizer->variables().size(); ++i)
      second.optimizer->variables()[i]->value.assign(first.optimizer->variables()[i]->value);
    for (std::int64_t step = steps / 2; step < steps; ++step) {
      apply(first, gradients, step);
      apply(second, gradients, step);
    }
    test::expect_near(all_of(second.weights), all_of(first.weights), 0);
  });
}

TEST(Optimizers, RefuseWhatMakesNoSense) {
  const auto refused = [](const char* name, const Json& config, const char* part) {
    EXPECT_THAT(
        test::message_of(Code::kInvalidArgument, [&] { test::make<Optimizer>(name, config); }),
        testing::HasSubstr(part));
  };
  refused("SGD", {{"momentum", 1.5}}, "SGD.momentum");
  refused("Adam", {{"clipnorm", 1.0}, {"clipvalue", 1.0}}, "only one of");
  refused("Adam", {{"use_ema", true}, {"ema_momentum", 1.5}}, "ema_momentum");
  refused("Adam", {{"gradient_accumulation_steps", 1}}, "at least 2");
  refused("AdamW", {{"weight_decay", nullptr}}, "weight_decay");
}

}  // namespace
}  // namespace keratin
