// Which graphs may be computed some rows at a time.
#include "graph/rows.h"

#include <gtest/gtest.h>

#include <functional>

#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/shape.h"
#include "ops/softmax.h"

namespace keratin {
namespace {

constexpr std::int64_t kBatch = kUnknown;

// Of x [batch, 6, 4] and y [batch, 4].
bool apart(const std::function<Value(Value x, Value y)>& fn) {
  Graph graph;
  const Value x = graph.input("x", {DType::kFloat32, {kBatch, 6, 4}});
  const Value y = graph.input("y", {DType::kFloat32, {kBatch, 4}});
  graph.output(fn(x, y));
  return rows_are_apart(graph);
}

Value constant(Value like, const Shape& shape) {
  return like.graph().constant(Tensor(DType::kFloat32, shape));
}

TEST(Rows, ThatStayApart) {
  EXPECT_TRUE(apart([](Value x, Value) { return ops::relu(x) * 2 + constant(x, {4}); }));
  EXPECT_TRUE(apart([](Value x, Value) { return x + constant(x, {1, 6, 4}); }));
  EXPECT_TRUE(apart([](Value x, Value y) { return x + ops::expand_dims(y, 1); }));
  EXPECT_TRUE(apart([](Value, Value y) { return ops::matmul(y, constant(y, {4, 3})); }));
  EXPECT_TRUE(apart([](Value x, Value) { return ops::matmul(x, constant(x, {4, 3})); }));
  EXPECT_TRUE(apart([](Value x, Value) { return ops::matmul(x, x, false, true); }));
  EXPECT_TRUE(apart([](Value x, Value) { return ops::reshape(x, {kBatch, 24}); }));
  EXPECT_TRUE(apart([](Value x, Value) { return ops::mean(x, {1}); }));
  EXPECT_TRUE(apart([](Value x, Value) { return ops::softmax(x, -1); }));
  EXPECT_TRUE(apart([](Value x, Value) { return ops::transpose(x, {0, 2, 1}); }));
  EXPECT_TRUE(apart([](Value x, Value) { return ops::concatenate({x, x}, 1); }));
  EXPECT_TRUE(apart([](Value x, Value) {
    return ops::conv(x, constant(x, {3, 4, 5}), {1}, {1}, ops::Padding::kSame);
  }));
}

TEST(Rows, ThatMeet) {
  EXPECT_FALSE(apart([](Value, Value y) { return y - ops::mean(y, {0}, true); }));
  EXPECT_FALSE(apart([](Value, Value y) { return y - ops::mean(y, {0}); }));
  EXPECT_FALSE(apart([](Value, Value y) { return ops::matmul(y, y, false, true); }));
  EXPECT_FALSE(apart([](Value, Value y) { return ops::matmul(y, y, true, false); }));
  EXPECT_FALSE(apart([](Value, Value y) { return ops::softmax(y, 0); }));
  EXPECT_FALSE(apart([](Value x, Value) { return ops::transpose(x, {1, 0, 2}); }));
  EXPECT_FALSE(apart([](Value x, Value) { return ops::concatenate({x, x}, 0); }));
  EXPECT_FALSE(apart([](Value x, Value) { return ops::reshape(x, {kBatch, 4}); }));  // rows of 4
  EXPECT_FALSE(apart([](Value, Value y) { return ops::expand_dims(y, 0); }));
  EXPECT_FALSE(apart([](Value x, Value) { return ops::mean(x); }));
}

TEST(Rows, AreNotWhereABatchIsFixed) {
  Graph graph;
  graph.output(ops::relu(graph.input("x", {DType::kFloat32, {8, 4}})));
  EXPECT_FALSE(rows_are_apart(graph));
}

TEST(Rows, OfWhatNobodyNeedsDoNotCount) {
  Graph graph;
  const Value y = graph.input("y", {DType::kFloat32, {kBatch, 4}});
  ops::mean(y, {0});
  graph.output(ops::relu(y));
  EXPECT_TRUE(rows_are_apart(graph));
}

}  // namespace
}  // namespace keratin
