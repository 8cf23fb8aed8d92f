// Linear algebra by Keras' names: bad input, batches that are an axis of the matrices, and plans of
// threads that may not wait. Values and gradients: gradient_test.cpp and the conformance cases.
#include "core/threads.h"
#include "graph/rows.h"
#include "named_testing.h"
#include "op_testing.h"
#include "ops/elementwise.h"
#include "ops/named.h"
#include "ops/reduce.h"

namespace keratin::ops {
namespace {

Values called(const char* name, const std::vector<Shape>& shapes, const Json& attributes = {}) {
  return ops::called(name, floating(shapes), attributes);
}
void expect_bad(const char* name, const std::vector<Shape>& shapes, const Json& attributes,
                const char* part) {
  ops::expect_bad(name, floating(shapes), attributes, part);
}

TEST(Linalg, BadInputIsNamed) {
  for (const char* name : {"cholesky", "det", "slogdet", "logdet", "inv", "eigh"}) {
    expect_bad(name, {{2, 3, 4}}, {}, "expected square matrices, got 3 rows of 4");
    expect_bad(name, {{3}}, {}, "rank 2 or more, got shape (3,)");
  }
  for (const char* name : {"qr", "svd", "pinv", "lu_factor", "matrix_rank"})
    expect_bad(name, {{3}}, {}, "rank 2 or more, got shape (3,)");
  expect_bad("svd", {{0, 3}}, {}, "expected matrices with elements, got shape (0, 3)");
  expect_bad("solve", {{3, 3}, {4, 2}}, {}, "the right side has 4 rows, expected 3");
  expect_bad("solve_triangular", {{3, 4}, {3, 2}}, {}, "expected square matrices");
  expect_bad("lstsq", {{4, 3}, {5, 2}}, {}, "got (4, 3) and (5, 2)");
  expect_bad("lstsq", {{2, 4, 3}, {2, 4, 1}}, {}, "expected a of shape (m, n)");
  expect_bad("qr", {{3, 3}}, {{"mode", "raw"}}, "expected 'reduced' or 'complete', got 'raw'");
  expect_bad("qr", {{kUnknown, 3}}, {}, "known extents");
  expect_bad("norm", {{2, 3, 4}}, {{"axis", {0, 1, 2}}}, "expected one axis, or two of matrices");
  expect_bad("norm", {{2, 3, 4}}, {{"axis", {1, -2}}}, "expected two different axes");
  expect_bad("norm", {{2, 3}}, {{"axis", {0, 1}}, {"ord", 3}}, "ord: expected null, 'fro'");
  expect_bad("norm", {{2, 3}}, {{"axis", 1}, {"ord", "nuc"}}, "ord: expected a number");
  expect_bad("cdist", {{2, 3}, {2, 4}}, {}, "got (2, 3) and (2, 4)");
  expect_bad("corrcoef", {{2, 3, 4}}, {}, "expected shape (variables, observations)");
  expect_bad("correlate", {{3}, {2, 3}}, {}, "expected two vectors");
  expect_bad("correlate", {{3}, {2}}, {{"mode", "all"}}, "expected 'valid', 'same' or 'full'");
}

TEST(Linalg, GradientsThatThereAreNotAreNamed) {
  const Values of = called("svd", {{4, 2}});
  EXPECT_ERROR(gradients(sum(of[0]), Values{of[0].node->inputs[0]}), Code::kUnsupported,
               "full_matrices is false");
}

// x [batch, 2] of which all rows are one matrix.
TEST(Linalg, TheBatchMayBeAnAxisOfTheMatrices) {
  const Tensor x = floats({3, 2}, {1, 2, 3, 4, 5, 7});
  const auto results = run_graph(
      {x},
      [](const Values& v) {
        return Values{call_named("pinv", v, {})[0], call_named("svd", v, {})[1],
                      call_named("matrix_rank", v, {})[0], call_named("corrcoef", v, {})[0],
                      call_named("lstsq", Values{v[0], v[0]}, {})[0]};
      },
      false, true);
  EXPECT_EQ(results[0].shape(), (Shape{2, 3}));
  EXPECT_EQ(results[1].shape(), (Shape{2}));
  EXPECT_EQ(elements<std::int32_t>(results[2]), std::vector<std::int32_t>{2});
  EXPECT_EQ(results[3].shape(), (Shape{3, 3}));
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(results[4].data<float>()[i], i % 3 == 0, 1e-5f) << i;
}

TEST(Linalg, RowsAreApartOnlyWhereTheBatchIsOne) {
  const auto apart = [](const char* name, const Shape& shape) {
    Graph graph;
    const Value x = graph.input("x", {DType::kFloat32, shape});
    graph.output(call_named(name, Values{x}, {})[0]);
    return rows_are_apart(graph);
  };
  EXPECT_TRUE(apart("det", {kUnknown, 3, 3}));
  EXPECT_TRUE(apart("svd", {kUnknown, 3, 2}));
  EXPECT_FALSE(apart("svd", {kUnknown, 3}));
}

TEST(Linalg, ThreadsThatMayNotWaitGetAnError) {
  const Tensor x = floats({2, 2}, {1, 2, 2, 5});
  const auto run = [&](const char* name) {
    const Alone alone;
    return run_one({x}, [&](const Values& v) { return call_named(name, v, {})[0]; });
  };
  EXPECT_NEAR(run("det").data<float>()[0], 1, 1e-6f);
  EXPECT_ERROR(run("eigh"), Code::kUnsupported, "eigh goes through OpenBLAS");
  EXPECT_ERROR(run("pinv"), Code::kUnsupported, "pinv goes through OpenBLAS");
}

}  // namespace
}  // namespace keratin::ops
