#include "graph/rows.h"

#include <algorithm>

namespace keratin {
namespace {

// The batch is the first axis, and only that.
bool only_first_unknown(const Spec& spec) {
  return std::find(spec.shape.begin() + 1, spec.shape.end(), kUnknown) == spec.shape.end();
}

bool is_by_row(const Node& node) {
  if (std::none_of(node.inputs.begin(), node.inputs.end(), has_rows)) return true;
  for (const Value& input : node.inputs)
    if (!input.shape().empty() && !only_first_unknown(input.spec())) return false;
  for (const Spec& out : node.outputs)
    if (out.shape.empty() || out.shape[0] != kUnknown || !only_first_unknown(out)) return false;
  return node.op->by_row(node);
}

}  // namespace

bool rows_line_up(const Node& node, int except) {
  const std::size_t rank = node.outputs[0].shape.size();
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Value& input = node.inputs[i];
    if (int(i) == except || input.rank() < (has_rows(input) ? 1 : rank)) continue;
    if (has_rows(input) ? input.rank() != rank : input.rank() > 0 && input.shape()[0] != 1)
      return false;
  }
  return true;
}

bool rows_are_apart(const Graph& graph) {
  std::vector<char> live(graph.nodes().size(), 0);
  for (const Value& output : graph.outputs()) {
    if (!has_rows(output)) return false;
    live[std::size_t(output.node->id)] = 1;
  }
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    switch (node->kind) {
      case Node::Kind::kAssign:
        return false;
      case Node::Kind::kInput:
        if (!has_rows({const_cast<Node*>(&*node), 0})) return false;
        break;
      case Node::Kind::kConstant:
      case Node::Kind::kVariable:
        break;
      case Node::Kind::kOp:
        if (!live[std::size_t(node->id)]) break;
        if (!is_by_row(*node)) return false;
        for (const Value& input : node->inputs) live[std::size_t(input.node->id)] = 1;
        break;
    }
  }
  return true;
}

}  // namespace keratin
