// What the tests of src/nn share: stored cases, and symbolic functions run as a plan.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "core/registry.h"
#include "graph/plan.h"
#include "nn/layers/layer.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace keratin::test {

// A file of tests/data, or one list of it.
inline Json stored(const std::string& file, const char* part = nullptr) {
  std::ifstream in(std::string(KERATIN_TEST_DATA) + "/" + file);
  std::stringstream text;
  text << in.rdbuf();
  const Json json = parse_json(text.str(), file);
  return part ? json.at(part) : json;
}

inline Tensor tensor_of(const Json& json) {
  const Shape shape = json.at("shape").get<Shape>();
  if (json.at("dtype") == "int32")
    return Tensor::of(shape, json.at("values").get<std::vector<std::int32_t>>());
  return Tensor::of(shape, json.at("values").get<std::vector<float>>());
}

// Every element within tolerance * (1 + |expected|).
inline void expect_near(const Tensor& got, const Tensor& expected, double tolerance) {
  ASSERT_EQ(got.shape(), expected.shape());
  ASSERT_EQ(got.dtype(), expected.dtype());
  const Tensor a = got.as(DType::kFloat64), b = expected.as(DType::kFloat64);
  for (std::int64_t i = 0; i < a.size(); ++i) {
    const double x = a.data<double>()[i], y = b.data<double>()[i];
    ASSERT_LE(std::abs(x - y), tolerance * (1 + std::abs(y)))
        << "element " << i << ": " << x << ", expected " << y;
  }
}
inline void expect_near(const Tensor& got, const Json& expected, double tolerance = 2e-6) {
  expect_near(got, tensor_of(expected), tolerance);
}

using Function = std::function<std::vector<Value>(CallContext&, const std::vector<Value>&)>;

// The function's values for these inputs, whose first axis is the batch axis, unknown until the
// plan is made.
inline std::vector<Tensor> run(const std::vector<Tensor>& inputs, const Function& function,
                               bool training = false) {
  Graph graph;
  CallContext context(graph, training);
  std::vector<Value> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Spec spec{inputs[i].dtype(), inputs[i].shape()};
    if (!spec.shape.empty()) spec.shape[0] = kUnknown;
    values.push_back(graph.input("x" + std::to_string(i), spec));
  }
  for (const Value& value : function(context, values)) graph.output(value);
  optimize(graph);
  const std::int64_t batch = inputs.empty() || inputs[0].shape().empty() ? 1 : inputs[0].shape()[0];
  const auto plan = std::make_shared<const Plan>(graph, batch);
  Workspace workspace(plan);
  for (std::size_t i = 0; i < inputs.size(); ++i) workspace.set_input(int(i), inputs[i].raw());
  workspace.run();
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    const Spec& spec = plan->output_spec(int(i));
    outputs.push_back(
        Tensor::over(const_cast<void*>(workspace.output(int(i))), spec.dtype, spec.shape).clone());
  }
  return outputs;
}

// The sum of all elements of y, each times the cosine of its index, for a y of this shape.
inline Value cosine_sum(Value y, const Shape& shape) {
  Tensor weights(y.dtype(), shape);
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    if (y.dtype() == DType::kFloat64)
      weights.data<double>()[i] = std::cos(double(i));
    else
      weights.data<float>()[i] = std::cos(float(i));
  }
  return ops::sum(y * y.graph().constant(weights));
}

// The message of the Error that fn throws; a failure of the test if it throws none or one of
// another code.
template <class Fn>
std::string message_of(Code code, Fn&& fn) {
  try {
    fn();
  } catch (const Error& error) {
    EXPECT_EQ(int(error.code()), int(code)) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return "";
}

template <class Base>
std::shared_ptr<Base> make(const std::string& name, const Json& config = Json::object()) {
  return std::static_pointer_cast<Base>(create(Base::kKind, name, config));
}

}  // namespace keratin::test
