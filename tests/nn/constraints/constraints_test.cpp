// Constraints against Keras' numbers (tests/nn/make_numbers.py).
#include "nn/constraints/constraint.h"

#include <gmock/gmock.h>

#include <cmath>

#include "nn/harness.h"

namespace keratin {
namespace {

using test::message_of;

TEST(Constraints, ProjectAsKerasDoes) {
  const Json cases = test::stored("nn_numbers.json", "constraints");
  EXPECT_GT(cases.size(), 15u);
  for (const Json& c : cases) {
    SCOPED_TRACE(concat(c["name"], " ", c["arguments"], " ", c["x"]["shape"]));
    const ConstraintPtr constraint = test::make<Constraint>(c["name"], c["arguments"]);
    Tensor weight = test::tensor_of(c["x"]);
    constraint->apply(weight);
    test::expect_near(weight, c["y"]);
  }
}

TEST(Constraints, UnitNormGivesUnitNorms) {
  Tensor weight = Tensor::of<float>({2, 3}, {3, 0, 1, 4, 0, 1});
  test::make<Constraint>("UnitNorm")->apply(weight);
  EXPECT_NEAR(std::hypot(weight.data<float>()[0], weight.data<float>()[3]), 1, 1e-6);
  EXPECT_NEAR(weight.data<float>()[3], 0.8, 1e-6);
  EXPECT_EQ(weight.data<float>()[1], 0);  // a zero vector stays
}

TEST(Constraints, EmptyWeightsAreLeftAlone) {
  Tensor weight(DType::kFloat32, {0, 3});
  for (const char* name : {"UnitNorm", "MaxNorm", "MinMaxNorm", "NonNeg"})
    test::make<Constraint>(name)->apply(weight);
}

TEST(Constraints, BadAxesAndRanksAreErrors) {
  Tensor vector(DType::kFloat32, {3});
  const auto second = test::make<Constraint>("UnitNorm", {{"axis", 1}});
  EXPECT_THAT(message_of(Code::kInvalidArgument, [&] { second->apply(vector); }),
              testing::HasSubstr("1"));
  Tensor deep(DType::kFloat32, {1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_THAT(
      message_of(Code::kInvalidArgument, [&] { test::make<Constraint>("MaxNorm")->apply(deep); }),
      testing::HasSubstr("MaxNorm"));
}

}  // namespace
}  // namespace keratin
