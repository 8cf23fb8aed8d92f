#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/plan.h"
#include "test_ops.h"

namespace keratin {
namespace {

using test::add;
using test::sum;
using test::total;
using testing::ElementsAre;

class Opaque : public test::SumOp {
 public:
  Opaque() : SumOp(0) {}
  std::vector<Value> gradient(const Node& node, std::span<const Value> d) const override {
    return Op::gradient(node, d);
  }
};

std::vector<float> evaluate(const Graph& graph, const std::vector<float>& x) {
  Workspace workspace(std::make_shared<Plan>(graph, static_cast<std::int64_t>(x.size())));
  workspace.set_input(0, x.data());
  workspace.run();
  const auto* data = static_cast<const float*>(workspace.output(0));
  return {data, data + element_count(workspace.plan().output_spec(0).shape)};
}

TEST(Gradients, SumOverAllWaysToTheLoss) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kUnknown}});
  const Value y = sum({x, x});
  const Value loss = total(sum({y, x, y}));
  const Value wrt[] = {x};
  const std::vector<Value> d = gradients(loss, wrt, add);
  graph.output(d[0]);
  EXPECT_THAT(evaluate(graph, {1, 2}), ElementsAre(5, 5));
}

TEST(Gradients, NoneWhereTheLossDoesNotDepend) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kUnknown}});
  const Value y = graph.input("y", {DType::kFloat32, {kUnknown}});
  const Value wrt[] = {y, total(test::ones_like(y))};
  for (const Value& d : gradients(total(sum({x, test::ones_like(y)})), wrt, add))
    EXPECT_FALSE(bool(d));
}

TEST(Gradients, OfTheLossItselfIsOne) {
  Graph graph;
  const Value loss = total(graph.input("x", {DType::kFloat32, {kUnknown}}));
  const Value wrt[] = {loss};
  graph.output(gradients(loss, wrt, add)[0]);
  EXPECT_THAT(evaluate(graph, {3}), ElementsAre(1));
}

TEST(Gradients, NeedAScalar) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kUnknown}});
  const Value wrt[] = {x};
  EXPECT_THROW(gradients(x, wrt, add), Error);
}

TEST(Gradients, StopAtOpsWithoutARuleOnlyWhereTheyMatter) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kUnknown}});
  const Value y = graph.input("y", {DType::kFloat32, {kUnknown}});
  const Value opaque = graph.apply(std::make_shared<Opaque>(), {x})[0];
  const Value loss = total(sum({opaque, y}));
  const Value wrt_x[] = {x}, wrt_y[] = {y};
  EXPECT_NO_THROW(gradients(loss, wrt_y, add));
  try {
    gradients(loss, wrt_x, add);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnsupported);
    EXPECT_THAT(error.what(), testing::HasSubstr("'sum' has no gradient"));
  }
}

}  // namespace
}  // namespace keratin
