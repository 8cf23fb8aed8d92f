// Values and gradients of regularizers, against Keras' (tests/nn/make_numbers.py).
#include "nn/regularizers/regularizer.h"

#include <gmock/gmock.h>

#include <cmath>

#include "nn/harness.h"

namespace keratin {
namespace {

using test::message_of;

TEST(Regularizers, ValuesAndGradientsAreKeras) {
  const Json cases = test::stored("nn_numbers.json", "regularizers");
  EXPECT_EQ(cases.size(), 10u);
  for (const Json& c : cases) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"]));
    const RegularizerPtr regularizer = test::make<Regularizer>(c["name"], c["arguments"]);
    const std::vector<Tensor> results =
        test::run({Tensor::scalar(0.0f)}, [&](CallContext& context, const std::vector<Value>&) {
          const Value x = context.graph.constant(test::tensor_of(c["x"]));
          const Value y = regularizer->call(x);
          const std::vector<Value> wrt{x};
          const Value dx = gradients(y, wrt)[0];
          return std::vector<Value>{y, dx ? dx : ops::zeros_like(x)};
        });
    test::expect_near(results[0], c["y"]);
    test::expect_near(results[1], c["dx"]);
  }
}

TEST(Regularizers, OrthogonalNeedsAMatrix) {
  Graph graph;
  const auto rows = test::make<Regularizer>("OrthogonalRegularizer");
  const auto x = [&](Shape shape) { return graph.input("x", {DType::kFloat32, shape}); };
  EXPECT_THAT(message_of(Code::kInvalidArgument,
                         [&] {
                           rows->call(x({2, 3, 4}));
                         }),
              testing::HasSubstr("(2, 3, 4)"));
  EXPECT_THAT(message_of(Code::kInvalidArgument,
                         [&] {
                           rows->call(x({kUnknown, 3}));
                         }),
              testing::HasSubstr("rows"));
}

TEST(Regularizers, OrthogonalOfOneVectorIsNoNumber) {  // as in Keras: there is no pair
  const auto columns = test::make<Regularizer>("OrthogonalRegularizer", {{"mode", "columns"}});
  const Tensor y = test::run({Tensor::of<float>({3, 1}, {1, 2, 3})},
                             [&](CallContext&, const std::vector<Value>& x) {
                               return std::vector<Value>{columns->call(x[0])};
                             })[0];
  EXPECT_TRUE(std::isnan(*y.data<float>()));
}

}  // namespace
}  // namespace keratin
