// Running small graphs in tests.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "graph/graph.h"
#include "graph/plan.h"

namespace keratin {

using BuildFn = std::function<std::vector<Value>(const std::vector<Value>&)>;

// Feeds `inputs` to the graph that `build` makes of them and gives back its results. A leading axis
// may be left unknown in the graph (`symbolic`) and is bound when the plan is made.
inline std::vector<Tensor> run_graph(const std::vector<Tensor>& inputs, const BuildFn& build,
                                     bool optimized = false, bool symbolic = false) {
  Graph graph;
  std::vector<Value> values;
  std::int64_t batch = 1;
  for (const Tensor& tensor : inputs) {
    Spec spec{tensor.dtype(), tensor.shape()};
    if (symbolic && !spec.shape.empty()) batch = spec.shape[0], spec.shape[0] = kUnknown;
    values.push_back(graph.input("x", spec));
  }
  for (const Value& value : build(values)) graph.output(value);
  if (optimized) optimize(graph);
  auto plan = std::make_shared<const Plan>(graph, batch);
  Workspace workspace(plan);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    workspace.set_input(static_cast<int>(i), inputs[i].raw());
  workspace.run();
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    const Spec& spec = plan->output_spec(static_cast<int>(i));
    results.push_back(Tensor::over(const_cast<void*>(workspace.output(static_cast<int>(i))),
                                   spec.dtype, spec.shape)
                          .clone());
  }
  return results;
}

inline Tensor run_one(const std::vector<Tensor>& inputs,
                      const std::function<Value(const std::vector<Value>&)>& build,
                      bool optimized = false) {
  return run_graph(
      inputs, [&](const std::vector<Value>& v) { return std::vector<Value>{build(v)}; },
      optimized)[0];
}

inline Tensor floats(Shape shape, const std::vector<float>& values) {
  return Tensor::of(std::move(shape), values);
}

template <class T = float>
std::vector<T> elements(const Tensor& tensor) {
  return {tensor.span<T>().begin(), tensor.span<T>().end()};
}

}  // namespace keratin
