// The graph: values computed by ops, in the order in which they were made (a topological order).
// Shapes are static but for the batch axis, which is kUnknown until a plan binds it.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/precision.h"
#include "core/tensor.h"
#include "graph/variable.h"

namespace keratin {

class Graph;
class Op;
struct Node;

struct Spec {
  DType dtype = DType::kFloat32;
  Shape shape;
  bool operator==(const Spec&) const = default;
};

// One result of a node. A small handle: copy it freely; the graph owns the node.
struct Value {
  Node* node = nullptr;
  int index = 0;

  explicit operator bool() const { return node != nullptr; }
  bool operator==(const Value&) const = default;
  inline const Spec& spec() const;
  const Shape& shape() const { return spec().shape; }
  DType dtype() const { return spec().dtype; }
  std::size_t rank() const { return spec().shape.size(); }
  inline Graph& graph() const;
};

struct Node {
  enum class Kind { kInput, kConstant, kVariable, kOp, kAssign };
  Kind kind = Kind::kOp;
  int id = 0;       // position in the graph
  int section = 0;  // see Graph::recompute; 0: none
  Graph* graph = nullptr;
  std::vector<Value> inputs;
  std::vector<Spec> outputs;

  std::shared_ptr<const Op> op;  // kOp
  std::string name;              // kInput
  Tensor constant;               // kConstant
  VariablePtr variable;          // kVariable, kAssign: variable := inputs[0]
};

class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  // Fed at each run, in the order of these calls.
  Value input(std::string name, Spec spec);
  Value constant(Tensor value);
  Value constant(double value, DType dtype = DType::kFloat32);  // a scalar
  // The variable's elements as they stand when the run begins (see assign). The same Value each
  // time.
  Value variable(const VariablePtr& variable);
  // At the end of the run the variable becomes this value (same shape and dtype), after all reads.
  void assign(const VariablePtr& variable, Value value);
  // Given back by each run, in this order.
  void output(Value value) { outputs_.push_back(value); }

  std::vector<Value> apply(std::shared_ptr<const Op> op, std::vector<Value> inputs);

  // Makes one section of the nodes from this number on, with the sections among them. gradients()
  // does not keep what a section computes, but computes it again from what enters it.
  void recompute(std::size_t first);
  // Whether each activation function is to be such a section (nn/layers/remat.h).
  bool recompute_activations = false;

  // Of the products made from here on; their gradients take it over.
  Precision precision = Precision::kFull;

  std::deque<Node>& nodes() { return nodes_; }
  const std::deque<Node>& nodes() const { return nodes_; }
  std::vector<Value>& outputs() { return outputs_; }
  const std::vector<Value>& outputs() const { return outputs_; }
  const std::vector<Node*>& inputs() const { return inputs_; }
  // The pending assignment of the variable in this graph, or none: what a later read in the same
  // step would have to see (a layer shared by two calls updates its statistics twice).
  Value assigned(const VariablePtr& variable) const;

 private:
  Node& add(Node node);
  std::deque<Node> nodes_;
  int sections_ = 0;
  std::vector<Node*> inputs_;
  std::vector<Value> outputs_;
  std::unordered_map<const Variable*, Node*> variables_, assigned_;
};

// A graph's precision for a while.
class PrecisionScope {
 public:
  PrecisionScope(Graph& graph, Precision precision) : graph_(graph), before_(graph.precision) {
    graph.precision = precision;
  }
  ~PrecisionScope() { graph_.precision = before_; }
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  Graph& graph_;
  Precision before_;
};

inline const Spec& Value::spec() const { return node->outputs[std::size_t(index)]; }
inline Graph& Value::graph() const { return *node->graph; }

// Sums two gradients of one value; given from outside, for the ops stand above the graph.
using AddFn = Value (*)(Value, Value);

// d(loss)/d(each of wrt), as more graph; `loss` is a scalar. A value that the loss does not depend
// on gets a null Value. Throws kUnsupported if the way leads through an op without a gradient.
// (Reverse accumulation; ops/elementwise.h has the form that sums with ops::add.)
std::vector<Value> gradients(Value loss, std::span<const Value> wrt, AddFn add);

}  // namespace keratin
