#include "graph/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "test_ops.h"

namespace keratin {
namespace {

using test::sum;
using testing::Each;
using testing::ElementsAre;

constexpr Shape::value_type kBatch = kUnknown;

std::vector<float> read(const Workspace& workspace, int i) {
  const auto* data = static_cast<const float*>(workspace.output(i));
  return {data, data + element_count(workspace.plan().output_spec(i).shape)};
}

std::vector<float> run(const Graph& graph, std::int64_t batch,
                       const std::vector<std::vector<float>>& inputs) {
  Workspace workspace(std::make_shared<Plan>(graph, batch));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    workspace.set_input(static_cast<int>(i), inputs[i].data());
  workspace.run();
  return read(workspace, 0);
}

VariablePtr variable(std::vector<float> values) {
  const auto n = static_cast<std::int64_t>(values.size());
  return std::make_shared<Variable>("v", Tensor::of<float>({n}, values), false);
}

TEST(Plan, BindsTheBatch) {
  Graph graph;
  graph.output(sum({graph.input("x", {DType::kFloat32, {kBatch, 2}})}, 1));
  EXPECT_THAT(run(graph, 1, {{1, 2}}), ElementsAre(2, 3));
  EXPECT_THAT(run(graph, 2, {{1, 2, 3, 4}}), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(run(graph, 0, {{0}}), ElementsAre());
}

TEST(Plan, RefusesOtherUnknownAxes) {
  Graph graph;
  graph.output(graph.input("words", {DType::kFloat32, {kBatch, kUnknown}}));
  try {
    Plan(graph, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnsupported);
    EXPECT_THAT(error.what(), testing::HasSubstr("words"));
  }
}

TEST(Plan, DropsWhatNobodyNeeds) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch, 2}});
  sum({x}, 5);
  graph.output(sum({x}, 1));
  EXPECT_EQ(Plan(graph, 3).step_count(), 1u);
}

TEST(Plan, ComputesConstantsOnceAndForAll) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch, 2}});
  const Value three = sum({graph.constant(Tensor::of<float>({2}, {1, 2}))}, 1);
  graph.output(three);
  graph.output(sum({x, test::ones_like(sum({x}))}));
  Plan plan(graph, 2);
  EXPECT_EQ(plan.step_count(),
            1u);  // neither the constant sum, nor the sum whose shape alone matters, nor the ones
  const std::vector<float> in{1, 2, 3, 4};
  Workspace workspace(std::make_shared<Plan>(graph, 2));
  workspace.set_input(0, in.data());
  workspace.run();
  EXPECT_THAT(read(workspace, 0), ElementsAre(2, 3));
  EXPECT_THAT(read(workspace, 1), ElementsAre(2, 3, 4, 5));
}

TEST(Plan, ViewsAreNotCopied) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch, 2}});
  const Value y = sum({x}, 1);
  graph.output(test::flat(y));
  graph.output(y);
  Workspace workspace(std::make_shared<Plan>(graph, 2));
  const std::vector<float> in{1, 2, 3, 4};
  workspace.set_input(0, in.data());
  workspace.run();
  EXPECT_EQ(workspace.output(0), workspace.output(1));
  EXPECT_EQ(workspace.plan().output_spec(0).shape, (Shape{4}));
}

TEST(Plan, ChainsRunInPlace) {
  Graph graph;
  Value x = graph.input("x", {DType::kFloat32, {kBatch, 256}});
  for (int i = 0; i < 10; ++i) x = sum({x}, 1);
  graph.output(x);
  EXPECT_EQ(Plan(graph, 1).arena_bytes(), 1024u);
}

TEST(Plan, NeverOverwritesWhatIsStillNeeded) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch, 1}});
  const Value a = sum({x}, 1);  // read again below
  const Value b = sum({a}, 10);
  const Value c = sum({b, b}, 0, false);
  graph.output(sum({a, c}));
  EXPECT_THAT(run(graph, 2, {{1, 2}}), ElementsAre(26, 29));
}

TEST(Plan, AssignmentsHappenAfterAllReads) {
  const VariablePtr a = variable({1, 2}), b = variable({3, 4});
  Graph graph;
  const Value va = graph.variable(a), vb = graph.variable(b);
  graph.assign(a, vb);  // swapped
  graph.assign(b, va);
  graph.output(sum({va, vb}));
  Workspace workspace(std::make_shared<Plan>(graph, 1));
  workspace.run();
  EXPECT_THAT(read(workspace, 0), ElementsAre(4, 6));
  EXPECT_THAT(a->value.span<float>(), ElementsAre(3, 4));
  EXPECT_THAT(b->value.span<float>(), ElementsAre(1, 2));
}

TEST(Plan, AVariableMayBeAssignedAndNeverRead) {
  const VariablePtr v = variable({1, 2});
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {2}});
  const Value y = sum({x}, 1);
  graph.assign(v, y);
  graph.output(y);
  Workspace workspace(std::make_shared<Plan>(graph, 1));
  const float given[] = {10, 20};
  workspace.set_input(0, given);
  workspace.run();
  EXPECT_THAT(read(workspace, 0), ElementsAre(11, 21));
  EXPECT_THAT(v->value.span<float>(), ElementsAre(11, 21));
}

TEST(Plan, TheLastAssignmentCounts) {
  const VariablePtr v = variable({1});
  Graph graph;
  graph.assign(v, sum({graph.variable(v)}, 1));
  EXPECT_TRUE(bool(graph.assigned(v)));
  graph.assign(v, sum({graph.assigned(v)}, 10));
  Workspace workspace(std::make_shared<Plan>(graph, 1));
  workspace.run();
  workspace.run();
  EXPECT_THAT(v->value.span<float>(), ElementsAre(23));
}

TEST(Plan, AssignChecksTheShape) {
  const VariablePtr v = variable({1, 2});
  Graph graph;
  EXPECT_THROW(graph.assign(v, graph.constant(1.0)), Error);
}

TEST(Plan, NoticesAVariableThatMoved) {
  const VariablePtr v = variable({1});
  Graph graph;
  graph.output(sum({graph.variable(v)}, 0));
  Workspace workspace(std::make_shared<Plan>(graph, 1));
  workspace.run();
  v->value = Tensor::of<float>({1}, {7});
  workspace.run();
  EXPECT_THAT(read(workspace, 0), ElementsAre(7));
}

TEST(Plan, FrozenVariablesAreConstants) {
  Graph graph;
  const VariablePtr v = variable({1, 2});
  const Value twice = sum({graph.variable(v), graph.variable(v)}, 0);
  graph.output(sum({graph.input("x", {DType::kFloat32, {2}}), twice}, 0));
  const auto plan = std::make_shared<Plan>(graph, 1, Plan::Variables::kFrozen);
  EXPECT_EQ(plan->step_count(), 1U);  // the sum of the variables is computed
  v->value = Tensor::of<float>({2}, {100, 100});
  Workspace workspace(plan);
  const float x[] = {10, 20};
  workspace.set_input(0, x);
  workspace.run();
  EXPECT_THAT(read(workspace, 0), ElementsAre(12, 24));

  graph.assign(v, twice);
  EXPECT_THROW(Plan(graph, 1, Plan::Variables::kFrozen), Error);
}

TEST(Plan, WritesOutputsWhereTold) {
  const VariablePtr v = variable({5});
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch}});
  graph.output(sum({x}, 1));
  graph.output(x);                  // an input
  graph.output(graph.variable(v));  // a variable
  Workspace workspace(std::make_shared<Plan>(graph, 2));
  const std::vector<float> in{1, 2};
  std::vector<float> a(2), b(2), c(1);
  workspace.set_input(0, in.data());
  workspace.set_output(0, a.data());
  workspace.set_output(1, b.data());
  workspace.set_output(2, c.data());
  workspace.run();
  EXPECT_THAT(a, ElementsAre(2, 3));
  EXPECT_THAT(b, ElementsAre(1, 2));
  EXPECT_THAT(c, ElementsAre(5));
  EXPECT_EQ(workspace.output(0), a.data());
  a = {0, 0};
  workspace.set_output(0, nullptr);
  workspace.run();
  EXPECT_THAT(a, ElementsAre(0, 0));
  EXPECT_THAT(read(workspace, 0), ElementsAre(2, 3));
}

TEST(Plan, KeepsNoMemoryForOutputsThatGoElsewhere) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch}});
  const Value first = sum({x}, 1), second = sum({first}, 1);
  graph.output(first);
  graph.output(second);
  EXPECT_EQ(Plan(graph, 16).live_bytes(), 128u);
  const auto plan = std::make_shared<Plan>(graph, 16, Plan::Variables::kShared, 1);
  EXPECT_EQ(plan->live_bytes(), 64u);
  EXPECT_EQ(plan->arena_bytes(), 64u);
  Workspace workspace(plan);
  const std::vector<float> in(16, 1);
  std::vector<float> out(16);
  workspace.set_input(0, in.data());
  EXPECT_THROW(workspace.run(), Error);
  workspace.set_output(1, out.data());
  workspace.run();
  EXPECT_THAT(out, Each(3));
  EXPECT_THAT(read(workspace, 0), Each(2));
}

TEST(Plan, MissingInputIsAnError) {
  Graph graph;
  graph.output(sum({graph.input("x", {DType::kFloat32, {kBatch}})}));
  Workspace workspace(std::make_shared<Plan>(graph, 2));
  EXPECT_THROW(workspace.run(), Error);
}

TEST(Plan, RunsInSeveralThreadsAtOnce) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch, 64}});
  graph.output(test::total(sum({sum({x}, 1), x}, 0)));
  const auto plan = std::make_shared<const Plan>(graph, 4);
  std::vector<std::thread> threads;
  std::vector<float> results(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const std::vector<float> in(256, static_cast<float>(t));
      Workspace workspace(plan);
      workspace.set_input(0, in.data());
      for (int i = 0; i < 100; ++i) workspace.run();
      results[static_cast<std::size_t>(t)] = *static_cast<const float*>(workspace.output(0));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(results, ElementsAre(256, 768, 1280, 1792));
}

TEST(Fusion, TakesInWhatNobodyElseNeeds) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch}});
  const Value y = graph.input("y", {DType::kFloat32, {kBatch}});
  const Value shared = sum({x}, 1);
  const Value a = sum({sum({shared}, 2), y}, 4);
  graph.output(sum({a, shared}));
  optimize(graph);
  EXPECT_EQ(Plan(graph, 1).step_count(), 2u);  // `shared`, and all the rest
  EXPECT_THAT(run(graph, 2, {{1, 2}, {10, 20}}), ElementsAre(20, 32));
}

TEST(Graph, RefusesOperandsOfAnotherGraph) {
  Graph one, two;
  const Value a = one.constant(1.0), b = two.constant(2.0);
  EXPECT_THROW(sum({a, b}), Error);
}

TEST(Graph, ReadsAVariableOnce) {
  Graph graph;
  const VariablePtr v = variable({1});
  EXPECT_EQ(graph.variable(v), graph.variable(v));
}

}  // namespace
}  // namespace keratin
