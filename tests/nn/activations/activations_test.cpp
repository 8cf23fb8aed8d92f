// Values and gradients of all activations, against Keras' (tests/nn/make_numbers.py).
#include <gmock/gmock.h>

#include <set>

#include "nn/activations/activation.h"
#include "nn/harness.h"

namespace keratin {
namespace {

using test::run;

TEST(Activations, ValuesAndGradientsAreKeras) {
  std::set<std::string> seen;
  for (const Json& c : test::stored("nn_numbers.json", "activations")) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"]));
    seen.insert(c["name"].get<std::string>());
    const ActivationPtr activation = test::make<Activation>(c["name"], c["arguments"]);
    const Tensor plain = test::tensor_of(c["x"]), plain_y = test::tensor_of(c["y"]);
    const std::vector<Tensor> results =
        run({Tensor::scalar(0.0f)}, [&](CallContext& context, const std::vector<Value>&) {
          const Value x = context.graph.constant(plain);
          const Value y = activation->call(x);
          const Value loss = test::cosine_sum(y, plain_y.shape());
          const std::vector<Value> wrt{x};
          return std::vector<Value>{y, gradients(loss, wrt)[0]};
        });
    test::expect_near(results[0], c["y"]);
    test::expect_near(results[1], c["dx"], 1e-5);
  }
  // Every registered activation has been compared.
  for (const ClassInfo* info : list_classes("activations"))
    EXPECT_TRUE(seen.contains(info->name)) << info->name;
}

TEST(Activations, WorkOnASymbolicBatch) {
  for (const ClassInfo* info : list_classes("activations")) {
    SCOPED_TRACE(info->name);
    const Json config =
        info->name == "threshold" ? Json{{"threshold", 0.1}, {"default_value", 2}} : Json::object();
    const ActivationPtr activation = test::make<Activation>(info->name, config);
    Graph graph;
    const Value y = activation->call(graph.input("x", {DType::kFloat32, {kUnknown, 4}}));
    EXPECT_EQ(y.shape(), (Shape{kUnknown, info->name == "glu" ? 2 : 4}));
    const Value y64 = activation->call(graph.input("x", {DType::kFloat64, {kUnknown, 4}}));
    EXPECT_EQ(y64.dtype(), DType::kFloat64);
  }
}

TEST(Activations, AreWrittenByName) {
  EXPECT_EQ(serialize(test::make<Activation>("relu").get()), "relu");
  EXPECT_EQ(serialize(test::make<Activation>("swish").get()), "silu");
  const Json leaky =
      serialize(test::make<Activation>("leaky_relu", {{"negative_slope", 0.5}}).get());
  EXPECT_EQ(leaky["class_name"], "leaky_relu");
  EXPECT_EQ(config_of(*deserialize("activations", leaky)), (Json{{"negative_slope", 0.5}}));
}

TEST(Activations, LinearIsTheInputItself) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kUnknown, 4}});
  EXPECT_EQ(linear()->call(x), x);
  EXPECT_EQ(activate(nullptr, x), x);
}

TEST(Activations, GluNeedsAnEvenAxis) {
  Graph graph;
  const ActivationPtr glu = test::make<Activation>("glu");
  const Value x = graph.input("x", {DType::kFloat32, {kUnknown, 3}});
  EXPECT_THAT(test::message_of(Code::kInvalidArgument, [&] { glu->call(x); }),
              testing::HasSubstr("(None, 3)"));
  const ActivationPtr over_batch = test::make<Activation>("glu", {{"axis", 0}});
  test::message_of(Code::kInvalidArgument, [&] { over_batch->call(x); });
  const ActivationPtr beyond = test::make<Activation>("glu", {{"axis", 2}});
  test::message_of(Code::kInvalidArgument, [&] { beyond->call(x); });
}

}  // namespace
}  // namespace keratin
