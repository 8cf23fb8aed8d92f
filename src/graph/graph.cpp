#include "graph/graph.h"

#include "core/error.h"
#include "graph/op.h"

namespace keratin {

Node& Graph::add(Node node) {
  node.id = static_cast<int>(nodes_.size());
  node.graph = this;
  nodes_.push_back(std::move(node));
  return nodes_.back();
}

Value Graph::input(std::string name, Spec spec) {
  Node node;
  node.kind = Node::Kind::kInput;
  node.name = std::move(name);
  node.outputs = {std::move(spec)};
  inputs_.push_back(&add(std::move(node)));
  return {inputs_.back(), 0};
}

Value Graph::constant(Tensor value) {
  Node node;
  node.kind = Node::Kind::kConstant;
  node.outputs = {{value.dtype(), value.shape()}};
  node.constant = std::move(value);
  return {&add(std::move(node)), 0};
}

Value Graph::constant(double value, DType dtype) {
  return constant(Tensor::scalar(value).as(dtype));
}

Value Graph::variable(const VariablePtr& variable) {
  const auto [place, is_new] = variables_.try_emplace(variable.get(), nullptr);
  if (is_new) {
    Node node;
    node.kind = Node::Kind::kVariable;
    node.outputs = {{variable->value.dtype(), variable->value.shape()}};
    node.variable = variable;
    place->second = &add(std::move(node));
  }
  return {place->second, 0};
}

void Graph::assign(const VariablePtr& variable, Value value) {
  if (value.dtype() != variable->value.dtype() || value.shape() != variable->value.shape())
    fail(Code::kInternal, "variable '", variable->path, "' of ", name_of(variable->value.dtype()),
         " ", to_string(variable->value.shape()), " cannot become ", name_of(value.dtype()), " ",
         to_string(value.shape()));
  const auto [place, is_new] = assigned_.try_emplace(variable.get(), nullptr);
  if (is_new) {
    Node node;
    node.kind = Node::Kind::kAssign;
    node.variable = variable;
    place->second = &add(std::move(node));
  }
  place->second->inputs = {value};
}

Value Graph::assigned(const VariablePtr& variable) const {
  const auto place = assigned_.find(variable.get());
  return place == assigned_.end() ? Value{} : place->second->inputs[0];
}

std::vector<Value> Graph::apply(std::shared_ptr<const Op> op, std::vector<Value> inputs) {
  std::vector<Spec> specs;
  specs.reserve(inputs.size());
  for (const Value& value : inputs) {
    if (!value || &value.graph() != this)
      fail(Code::kInvalidArgument, op->name(),
           ": an operand is missing or belongs to another graph");
    specs.push_back(value.spec());
  }
  Node node;
  node.outputs = op->infer(specs);
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  Node& added = add(std::move(node));
  std::vector<Value> results;
  for (std::size_t i = 0; i < added.outputs.size(); ++i)
    results.push_back({&added, static_cast<int>(i)});
  return results;
}

void Graph::recompute(std::size_t first) {
  ++sections_;
  for (std::size_t i = first; i < nodes_.size(); ++i) nodes_[i].section = sections_;
}

std::vector<Value> Op::gradient(const Node&, std::span<const Value>) const {
  fail(Code::kUnsupported, "op '", name(), "' has no gradient");
}

}  // namespace keratin
