// The pass that lets an op take in the ops that feed it alone: bias and activation into products,
// chains of elementwise ops into one walk over memory. What can be fused is known to the ops
// (Op::fuse).
#include <vector>

#include "graph/op.h"
#include "graph/plan.h"

namespace keratin {
namespace {

// How often each node's result is asked for: by other nodes, by assignments, as an output.
std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.nodes().size(), 0);
  std::vector<char> live(graph.nodes().size(), 0);
  const auto mark = [&](const Value& value) {
    const auto id = static_cast<std::size_t>(value.node->id);
    ++uses[id];
    live[id] = 1;
  };
  for (const Value& value : graph.outputs()) mark(value);
  for (const Node& node : graph.nodes())
    if (node.kind == Node::Kind::kAssign) mark(node.inputs[0]);
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node)
    if (node->kind == Node::Kind::kOp && live[static_cast<std::size_t>(node->id)])
      for (const Value& input : node->inputs) mark(input);
  return uses;
}

bool fuse_one(Node& consumer, const std::vector<int>& uses) {
  for (std::size_t i = 0; i < consumer.inputs.size(); ++i) {
    const Value input = consumer.inputs[i];
    Node& producer = *input.node;
    if (producer.kind != Node::Kind::kOp || producer.outputs.size() != 1 ||
        uses[static_cast<std::size_t>(producer.id)] != 1)
      continue;
    std::shared_ptr<const Op> fused = consumer.op->fuse(consumer, producer);
    if (!fused) continue;
    std::vector<Value> inputs = producer.inputs;
    for (const Value& other : consumer.inputs)
      if (!(other == input)) inputs.push_back(other);
    consumer.op = std::move(fused);
    consumer.inputs = std::move(inputs);
    return true;
  }
  return false;
}

}  // namespace

void optimize(Graph& graph) {
  const std::vector<int> uses = count_uses(graph);
  for (Node& node : graph.nodes())
    if (node.kind == Node::Kind::kOp && node.outputs.size() == 1 &&
        uses[static_cast<std::size_t>(node.id)] > 0)
      while (fuse_one(node, uses)) {
      }
}

}  // namespace keratin
